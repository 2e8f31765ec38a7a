// `ringcast upgrade`: a new process takes the place of the node that runs here, and nobody notices.
import { once } from 'node:events'
import { connect } from 'node:net'
import { join } from 'node:path'
import type { Command } from 'commander'
import { nodeSettingsOf, sectionsFor } from '../app/node.ts'
import { variableOf } from '../settings/names.ts'
import { readSettings, type Sources } from '../settings/settings.ts'
import { faultText } from '../std/fault.ts'
import { Line } from '../upgrade/line.ts'
import { socketsFolder } from '../upgrade/sockets-folder.ts'
import { doorName, type FromPredecessor, type ToPredecessor } from '../upgrade/words.ts'
import { addSettingFlags } from './flags.ts'
import { exitCode, helpEnd, refuse, type Shell } from './output.ts'

export function addUpgrade(program: Command, shell: Shell): void {
  const command = program
    .command('upgrade')
    .summary('put a new process in the place of the node that runs here')
    .usage('[flags]')
    .description(
      'Starts the installed version beside the node that runs with this state directory, and moves listeners, channels ' +
        'and clients there: no connect and no publish is refused, and clients with positions lose nothing. The new ' +
        'process reads its settings as the old one did. If it does not come up, the old one serves as before.',
    )
  const read = addSettingFlags(command, sectionsFor(shell.known))
  command.addHelpText(
    'after',
    helpEnd(['ringcast upgrade', 'ringcast upgrade --state-dir /var/lib/ringcast'], {
      0: 'the new process serves',
      1: 'the old one serves as before, or none runs; the reason is on standard error',
      2: 'wrong usage',
    }),
  )
  command.action(async () => {
    const { flags, mistakes } = read()
    if (mistakes.length > 0) return shell.end(refuse(shell, mistakes, exitCode.usage))
    shell.end(await upgrade(shell, { environment: shell.environment, flags }))
  })
}

async function upgrade(shell: Shell, sources: Sources): Promise<number> {
  const { values, mistakes } = readSettings(sectionsFor(shell.known), sources)
  if (mistakes.length > 0) return refuse(shell, mistakes)
  const { stateDir } = nodeSettingsOf(values)
  if (stateDir === '') {
    return refuse(shell, [`no state directory is known; set ${variableOf('', 'stateDir')} as for the node`])
  }
  const folder = socketsFolder(stateDir, doorName)
  if (folder === undefined) return refuse(shell, [`the path ${stateDir} is too long for sockets in it`])
  const socket = connect(join(folder, doorName))
  try {
    await once(socket, 'connect')
  } catch (error) {
    return refuse(shell, [`no node that runs with ${stateDir} can be reached: ${faultText(error)}`])
  }
  return follow(shell, new Line(socket, shell.clock))
}

async function follow(shell: Shell, line: Line<ToPredecessor, FromPredecessor>): Promise<number> {
  line.say(['upgrade'])
  for (;;) {
    const message = await line.any()
    switch (message?.[0]) {
      case 'progress':
        shell.terminal.print(message[1])
        break
      case 'done':
        shell.terminal.print(message[1])
        return exitCode.ok
      case 'refused':
        return refuse(shell, [message[1]])
      default:
        return refuse(shell, ['the node ended before it answered'])
    }
  }
}
