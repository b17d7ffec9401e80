/** Publishes the number of overdue jobs and logs their names. */
import { kubernetesNames, metrics } from "../../contract/index.ts";
import { publish } from "../metrics.ts";
import type { PointStore } from "../points/store.ts";
import { messageOf, type JobContext } from "../result.ts";
import type { Settings } from "../settings.ts";
import { readHeld, type KnownLineages } from "./held.ts";
import { overdueJobs, type DueTimes, type Overdue, type Traces } from "./overdue.ts";
import { readTraces, type KnownSites } from "./traces.ts";

type WatchSettings = Settings<"recovery-point-watch">;

/** Checks the traces that runs have left in the bucket. */
export class OverdueWatch {
  private readonly store: PointStore;
  private readonly settings: WatchSettings;
  private readonly watchingSince = Date.now();
  private readonly known: KnownSites = new Map();
  private readonly lineages: KnownLineages = new Map();

  constructor(store: PointStore, settings: WatchSettings) {
    this.store = store;
    this.settings = settings;
  }

  /**
   * Returns the overdue jobs; undefined if the bucket could not be read: the alarm treats missing data as breaching.
   */
  async check(context: JobContext): Promise<Overdue[] | undefined> {
    const { store, settings, watchingSince } = this;
    const due = dueTimesOf(settings);
    try {
      const traces = await readTraces(store, settings.SITE, due, this.known);
      const findLate = (seen: Traces) => overdueJobs(settings.SITE_ROLE, seen, due, { now: Date.now(), watchingSince });
      let late = findLate(traces);
      // Which recovery points are held back only matters now; finding out requires reading manifests.
      if (late.some(({ job }) => job === kubernetesNames.standbySync)) {
        late = findLate({ ...traces, held: await readHeld(store, traces, this.lineages) });
      }
      for (const { job, lateSeconds } of late) context.log(`${job} is overdue by ${lateSeconds} s`);
      await publish(settings, metrics.overdueJobs, late.length, "Count", context);
      return late;
    } catch (error) {
      context.log(`cannot determine overdue jobs from ${store.bucket}: ${messageOf(error)}`);
      return undefined;
    }
  }
}

const dueTimesOf = (settings: WatchSettings): DueTimes => ({
  fullIntervalSeconds: settings.FULL_EXPORT_INTERVAL_SECONDS,
  fullRunSeconds: settings.FULL_EXPORT_RUN_SECONDS,
  changesIntervalSeconds: settings.CHANGE_EXPORT_INTERVAL_SECONDS,
  changesRunSeconds: settings.CHANGE_EXPORT_RUN_SECONDS,
  replicationSeconds: settings.REPLICATION_SECONDS,
  importSeconds: settings.STANDBY_IMPORT_SECONDS,
  restoreTestIntervalSeconds: settings.RESTORE_TEST_INTERVAL_SECONDS,
  restoreTestRunSeconds: settings.RESTORE_TEST_RUN_SECONDS,
});
