// `ringcast start`, and what `ringcast` does without a command.
import type { Command } from 'commander'
import { doorsOf } from '../app/doors.ts'
import { sectionsFor } from '../app/node.ts'
import type { Frontend } from '../frontends/frontend.ts'
import { flagOf } from '../settings/names.ts'
import { addSettingFlags } from './flags.ts'
import { exitCode, helpEnd, refuse, type Shell } from './output.ts'

export function addStart(program: Command, shell: Shell): void {
  const command = program
    .command('start', { isDefault: true })
    .summary('start a node (also without a command)')
    .usage('[flags]')
    .description(
      'Starts a node. Settings come from flags, the environment and the settings file (--config), in this order of ' +
        'rank. All mistakes are told at once, one line each. Secrets are never flags: `ringcast settings` tells their ' +
        'variables. SIGTERM and Ctrl-C stop in order, SIGHUP reads the settings again, SIGUSR2 logs statistics.',
    )
  const read = addSettingFlags(command, sectionsFor(shell.known))
  command.addHelpText(
    'after',
    helpEnd(
      [
        'ringcast',
        'ringcast start --config /etc/ringcast.yaml --log-level=warn',
        ...shell.known.slice(0, 1).flatMap(exampleOf),
      ],
      {
        0: 'stopped by a signal, in order',
        1: 'refused to start, or the primary met a bug',
        2: 'wrong usage',
        137: 'lost: a thread hung or the stop took too long (killed by SIGKILL, after one clear last line)',
      },
    ),
  )
  command.action(async () => {
    const { flags, mistakes } = read()
    if (mistakes.length > 0) return shell.end(refuse(shell, mistakes, exitCode.usage))
    await shell.start({ environment: shell.environment, flags })
  })
}

/** One protocol in production, by its main door. */
function exampleOf(frontend: Frontend): readonly string[] {
  const { name } = frontend
  const [door] = doorsOf(frontend)
  if (door === undefined) return []
  return [`RINGCAST_MODE=production ringcast --${flagOf(name, door.setting)} 0.0.0.0:8000 --only ${name}`]
}
