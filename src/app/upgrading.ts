// A node's place being taken by a new process of it: what the primary of either has to do with that.

import { type ChildProcess, spawn } from 'node:child_process'
import { variableOf } from '../settings/names.ts'
import type { Environment } from '../settings/settings.ts'
import type { State } from '../state/state.ts'
import { systemClock } from '../std/clock.ts'
import { faultText } from '../std/fault.ts'
import { Predecessor } from '../upgrade/predecessor.ts'
import { socketsFolder } from '../upgrade/sockets-folder.ts'
import { Successor } from '../upgrade/successor.ts'
import { predecessorVariable } from '../upgrade/words.ts'
import { abandon, leave, type Running } from './ends.ts'
import type { Inheritance } from './inheritance.ts'

/** The longest name in the folder: a process and a slot. */
const longestName = '4194304.1023'

/** Undefined: nobody was there before. A sentence: the one that was cannot be reached. */
export async function successorOf(
  environment: Environment,
  stateDir: string,
): Promise<Successor | string | undefined> {
  const path = environment[predecessorVariable]
  if (path === undefined) return undefined
  const folder = stateDir === '' ? undefined : socketsFolder(stateDir, longestName)
  if (folder === undefined) return `${variableOf('', 'stateDir')} is not that of the process before`
  return Successor.open(path, folder, systemClock).catch(
    error => `the process before cannot be reached at ${path}: ${faultText(error)}`,
  )
}

interface UpgradingParts {
  readonly running: Running
  /** That this process was started with. */
  readonly environment: Environment
  readonly inheritance: Inheritance
  readonly state: State
  readonly stateDir: string
  readonly workers: number
  /** No broker has the channels. */
  readonly hasChannels: boolean
}

/** From now on a new process may take this one's place, where there is a state directory. */
export async function openPredecessor({
  running,
  environment,
  inheritance,
  state,
  stateDir,
  workers,
  hasChannels,
}: UpgradingParts): Promise<void> {
  const { supervisor, listeners, gates, sides, notices, log } = running
  const folder = stateDir === '' ? undefined : socketsFolder(stateDir, longestName)
  if (folder === undefined) {
    if (stateDir === '') return
    const told = 'the path of the state directory is too long for sockets in it'
    return log.warn({ code: 'upgrade-unavailable', stateDir }, told)
  }
  const predecessor = new Predecessor({
    clock: systemClock,
    log,
    folder,
    start: (descriptors, variables) => startAnother(descriptors, { ...environment, ...variables }),
    workers,
    supervisor,
    hasChannels,
    sockets: async () => (await inheritance.own(listeners, gates)).map(({ descriptor }) => descriptor),
    async giveUp() {
      state.giveUp()
      await sides.retire()
      await sides.stop()
    },
    succeeded(pid) {
      notices.succeededBy(pid)
      void leave(running, pid)
    },
    lost: (channels, why) => abandon(running, channels, why),
  })
  await predecessor.open()
  running.giveUpUpgrade = () => predecessor.giveUp()
}

/** As this one was started: the program that lies there now. */
function startAnother(descriptors: readonly number[], env: Environment): ChildProcess {
  const [, ...args] = process.argv
  const stdio = ['ignore', 'inherit', 'inherit', ...descriptors] as const
  return spawn(process.execPath, [...process.execArgv, ...args], { stdio: [...stdio], env })
}
