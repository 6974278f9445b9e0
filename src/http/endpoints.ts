import type { Endpoint } from './endpoint.ts'
import * as apply from './endpoints/apply.ts'
import * as audit from './endpoints/audit.ts'
import * as backfills from './endpoints/backfills.ts'
import * as bulk from './endpoints/bulk.ts'
import * as cluster from './endpoints/cluster.ts'
import * as doctor from './endpoints/doctor.ts'
import * as figures from './endpoints/figures.ts'
import * as forecast from './endpoints/forecast.ts'
import * as keys from './endpoints/keys.ts'
import * as live from './endpoints/live.ts'
import * as nodes from './endpoints/nodes.ts'
import * as operations from './endpoints/operations.ts'
import * as preview from './endpoints/preview.ts'
import * as queue from './endpoints/queue.ts'
import * as recentRuns from './endpoints/recent-runs.ts'
import * as runs from './endpoints/runs.ts'
import * as scheduleActions from './endpoints/schedule-actions.ts'
import * as scheduleHistory from './endpoints/schedule-history.ts'
import * as schedules from './endpoints/schedules.ts'
import * as session from './endpoints/session.ts'
import * as stats from './endpoints/stats.ts'

/** All there are, in the order in which they are documented. */
export const endpoints = [
  schedules.listSchedulesEndpoint,
  schedules.createScheduleEndpoint,
  recentRuns.recentRunsEndpoint,
  schedules.getScheduleEndpoint,
  schedules.replaceScheduleEndpoint,
  schedules.changeScheduleEndpoint,
  schedules.deleteScheduleEndpoint,
  scheduleActions.pauseEndpoint,
  scheduleActions.resumeEndpoint,
  scheduleActions.disableEndpoint,
  scheduleActions.enableEndpoint,
  scheduleActions.triggerEndpoint,
  scheduleHistory.scheduleRunsEndpoint,
  scheduleHistory.historyEndpoint,
  scheduleHistory.scheduleEventsEndpoint,
  bulk.bulkPauseEndpoint,
  bulk.bulkResumeEndpoint,
  bulk.bulkTriggerEndpoint,
  bulk.bulkDeleteEndpoint,
  apply.applyEndpoint,
  preview.schedulePreviewEndpoint,
  preview.cronPreviewEndpoint,
  forecast.forecastEndpoint,
  backfills.backfillEndpoint,
  backfills.scheduleBackfillsEndpoint,
  backfills.listBackfillsEndpoint,
  backfills.getBackfillEndpoint,
  backfills.cancelBackfillEndpoint,
  runs.listRunsEndpoint,
  runs.getRunEndpoint,
  runs.runLogsEndpoint,
  runs.cancelRunEndpoint,
  runs.retryRunEndpoint,
  live.followEventsEndpoint,
  audit.auditEndpoint,
  stats.getStatsEndpoint,
  figures.listFiguresEndpoint,
  queue.getQueueEndpoint,
  cluster.listTasksEndpoint,
  nodes.listNodesEndpoint,
  nodes.drainNodeEndpoint,
  nodes.undrainNodeEndpoint,
  cluster.getLeaderEndpoint,
  cluster.getMirrorEndpoint,
  doctor.doctorEndpoint,
  keys.listKeysEndpoint,
  keys.createKeyEndpoint,
  keys.revokeKeyEndpoint,
  session.showSessionEndpoint,
  session.logInEndpoint,
  session.logOutEndpoint,
  operations.indexEndpoint,
  operations.healthEndpoint,
  operations.readinessEndpoint,
  operations.metricsEndpoint,
  operations.openApiEndpoint,
  operations.docsEndpoint,
] as const satisfies readonly Endpoint[]
