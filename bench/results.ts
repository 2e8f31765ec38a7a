// Stored runs: one small file each, named by date. A later run on the same machine is judged by their controls.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { control, type Report } from './report.ts'

const folder = new URL('./results/', import.meta.url)

/** How far a control may be from its own stored figure before the run says more of the machine than of the daemon. */
const driftMax = 0.3

/** Messages a write in the paced part: above it a program could not keep the pace, and its costs are of another load. */
const pacedJoinedMax = 1.2

/** `run` is `canonical`, or the name of a scenario of its own. Returns the name of the file. */
export function storeReport(report: { readonly date: string }, run: string): string {
  const name = `${report.date.slice(0, 19).replaceAll(':', '')}-${run}.json`
  writeFileSync(new URL(name, folder), `${JSON.stringify(report, undefined, 1)}\n`)
  return name
}

/** Why the run does not count; undefined: it does, as far as earlier runs can tell. */
export function findVoid(report: Report): string | undefined {
  for (const { parameters, targets } of report.scenarios) {
    const late = targets.find(({ paced }) => paced.joined.median > pacedJoinedMax)
    if (late !== undefined) return `${late.target} could not keep the pace with ${parameters.streams} streams`
  }
  const earlier = readReports().filter(({ machine }) => sameMachine(machine, report.machine))
  for (const [figure, value] of controlFigures(report)) {
    const stored = earlier
      .flatMap(one => controlFigures(one).get(figure) ?? [])
      .sort((one, other) => one - other)
    const usual = stored[Math.floor(stored.length / 2)]
    if (usual !== undefined && Math.abs(value / usual - 1) > driftMax)
      return `the control's ${figure} is ${value}, on this machine usually ${usual}`
  }
  return undefined
}

function readReports(): Report[] {
  const names = readdirSync(folder).filter(name => name.endsWith('-canonical.json'))
  return names.map(name => JSON.parse(readFileSync(new URL(name, folder), 'utf8')))
}

/** The kernel may be updated; its figures should not move by as much as `driftMax`. */
function sameMachine(one: Report['machine'], other: Report['machine']): boolean {
  return one.cpu === other.cpu && one.cores === other.cores && one.memoryGiB === other.memoryGiB
}

function controlFigures({ scenarios }: Report): Map<string, number> {
  const figures = new Map<string, number>()
  for (const { parameters, targets } of scenarios) {
    const own = targets.find(({ target }) => target === control)
    if (own === undefined) continue
    const { streams, payloadBytes, pacedRate, publishers } = parameters
    const load = `${streams} streams, ${payloadBytes} B`
    figures.set(`CPU per delivery (${load}, ${pacedRate}/s)`, own.paced.cpuUsPerDelivery.median)
    figures.set(`deliveries/s (${load}, ${publishers} publishers)`, own.closed.deliveriesPerSecond.median)
  }
  return figures
}
