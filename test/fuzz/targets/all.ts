// Every target: those of a protocol are in files that begin with its name, but for decoders in a test file of their own.
import { readdirSync } from 'node:fs'
import * as registry from '../../../src/frontends/registry.ts'
import type { Target } from '../target.ts'
import { adminTargets } from './admin.ts'
import { authTargets } from './auth.ts'
import { linkTargets } from './links.ts'
import { longCredentials } from './long-heads.ts'
import { ringTargets } from './ring.ts'
import { settingsFile } from './settings-file.ts'
import { highWater, sealedSnapshot, snapshotFile } from './snapshot-file.ts'
import { streamDecoder } from './stream-decoder.ts'

async function targetsOf(protocol: string): Promise<readonly Target[]> {
  const files = readdirSync(import.meta.dirname).filter(file => file.split(/[-.]/)[0] === protocol)
  const modules: { readonly targets: readonly Target[] }[] = await Promise.all(
    files.map(file => import(`./${file}`)),
  )
  return modules.flatMap(({ targets }) => targets)
}

const ofProtocols = await Promise.all(Object.keys(registry).map(targetsOf))

export const targets: readonly Target[] = [
  ...ofProtocols.flat(),
  ...adminTargets,
  ...linkTargets,
  ...authTargets,
  ...ringTargets,
  longCredentials,
  streamDecoder,
  snapshotFile,
  sealedSnapshot,
  highWater,
  settingsFile,
]
