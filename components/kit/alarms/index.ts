export { alarm, ownMetric, switchMetric, type AlarmArgs, type AlarmMetric } from "./alarm.ts";
export { AlarmTopic, type AlarmTopicArgs } from "./alarm-topic.ts";
