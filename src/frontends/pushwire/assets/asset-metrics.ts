// What the store of assets counts, and the code of its log lines.
import type { MetricRow } from '../../../telemetry/metric-row.ts'

export const assetMetrics: readonly MetricRow[] = [
  ['assetsStored', 'assets_stored_total', 'Assets that were written to disk.'],
  ['assetsStoredAgain', 'assets_stored_again_total', 'Assets that were stored and are there already.'],
  ['assetsRefused', 'assets_refused_total', 'Assets that were not stored.'],
  ['assetsFailed', 'assets_failed_total', 'Times that the disk refused to write, read or remove an asset.'],
  ['assetsEvicted', 'assets_evicted_total', 'Assets that were removed for their age or for want of room.'],
  ['assetsKept', 'assets_kept', 'Assets on disk; one worker of the node counts them.'],
  ['assetsKeptBytes', 'assets_kept_bytes', 'Disk that they take; one worker of the node counts it.'],
  ['assetsSending', 'assets_sending', 'Assets on their way to a client.'],
  ['assetsServed', 'assets_served_total', 'Assets, or ranges of them, that were sent as a whole.'],
  ['assetsUnchanged', 'assets_unchanged_total', 'Requests of clients that have the asset already.'],
  ['assetsMissing', 'assets_missing_total', 'Requests for assets that are not there.'],
  ['assetsCut', 'assets_cut_total', 'Assets whose client left, or was too slow, before it had all.'],
]

export const assetCodes: Readonly<Record<string, string>> = {
  'assets-failed':
    'The folder of assets is gone, full, or cannot be written or read. Assets are refused until it can; a folder that was removed comes back with the next start.',
}
