// The one screen that development prints: where to connect, the generated secrets, and lines to copy.
import { adminSection } from '../admin/settings.ts'
import { playPrefix } from '../playground/playground.ts'
import { systemClock } from '../std/clock.ts'
import { visibleText } from '../std/visible.ts'
import { print } from '../telemetry/log.ts'
import type { Configuration } from './configuration.ts'
import { doorAddresses, type Gates } from './gates.ts'
import type { Listeners } from './listeners.ts'
import { modeSentence } from './mode-sentence.ts'

/** Plain text on standard output, between the log lines. */
export function greet(
  { frontends, values, generated, ring }: Configuration,
  listeners: Listeners,
  gates: Gates,
): void {
  const lines = [
    '',
    'ringcast is running (development: loopback only, secrets below are new at every start)',
    '',
  ]
  const { [adminSection.name]: page } = listeners.mainAddresses()
  if (page !== undefined)
    lines.push(`  Open http://${page}${playPrefix} to try all protocols side by side.`, '')
  lines.push(`  ${modeSentence({ values, ring })}`, '')
  for (const [variable, secret] of generated) lines.push(`  ${variable}=${secret}`)
  for (const frontend of frontends) {
    const listener = [...listeners.describe(), ...gates.describe()].find(
      ({ protocol, door }) => protocol === frontend.name && door.name === undefined,
    )
    const settings = values[frontend.name]
    if (listener === undefined || settings === undefined) continue
    const doors = doorAddresses(gates.addresses, frontend.name)
    const place = { address: listener.address, unixMs: systemClock.unixMs(), doors }
    const [subscribe, publish] = frontend.greeting(settings as never, place) // read against its own section
    lines.push(
      '',
      `${frontend.name} on http://${listener.address}`,
      '',
      '  Subscribe in one terminal:',
      `${subscribe}`,
    )
    lines.push('', '  Publish in another:', `${publish}`)
  }
  lines.push('', 'Stop with Ctrl-C.', '')
  print(visibleText(lines.join('\n')))
}
