export { AlarmTopic, type AlarmTopicArgs } from "./alarm-topic.ts";
export { recoveryPointAlarms, type RecoveryPointAlarmsArgs } from "./recovery-point-alarms.ts";
export { subscriberProblems, type AlarmSubscriber } from "./subscribers.ts";
