// Every target but the decoders of rpushd, which stand in a file of their own.
import type { Target } from '../target.ts'
import { adminTargets } from './admin.ts'
import { authTargets } from './auth.ts'
import { frames } from './frames.ts'
import { linkTargets } from './links.ts'
import { longHeads } from './long-heads.ts'
import { pinghubTargets } from './pinghub.ts'
import { pushyBodyTargets } from './pushy-bodies.ts'
import { pushyQuestionTargets } from './pushy-questions.ts'
import { settingsFile } from './settings-file.ts'
import { highWater, sealedSnapshot, snapshotFile } from './snapshot-file.ts'
import { streamDecoder } from './stream-decoder.ts'

export const targets: readonly Target[] = [
  ...adminTargets,
  ...linkTargets,
  ...authTargets,
  ...pinghubTargets,
  ...pushyBodyTargets,
  ...pushyQuestionTargets,
  longHeads,
  frames,
  streamDecoder,
  snapshotFile,
  sealedSnapshot,
  highWater,
  settingsFile,
]
