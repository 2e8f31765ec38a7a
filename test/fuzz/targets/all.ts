// Every target but the decoders of front-ends, which stand in files of their own.
import type { Target } from '../target.ts'
import { adminTargets } from './admin.ts'
import { frames } from './frames.ts'
import { linkTargets } from './links.ts'
import { settingsFile } from './settings-file.ts'
import { highWater, snapshotFile } from './snapshot-file.ts'
import { streamDecoder } from './stream-decoder.ts'

export const targets: readonly Target[] = [
  ...adminTargets,
  ...linkTargets,
  frames,
  streamDecoder,
  snapshotFile,
  highWater,
  settingsFile,
]
