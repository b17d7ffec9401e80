export { AlarmTopic, type AlarmTopicArgs } from "./alarm-topic.ts";
export { subscriberProblems, type AlarmSubscriber } from "./subscribers.ts";
