// The same as nobody-reads, with a load that everybody has: autocannon, so that a stranger can repeat it by one command
// (README.md, With autocannon). 16 connections, each sending again as soon as it was answered.
import { execFile } from 'node:child_process'
import { createRequire } from 'node:module'
import { promisify } from 'node:util'
import { meterCpu } from '../machine.ts'
import type { MakeQuestion, Size } from '../question.ts'
import { publishHeaders } from '../requests.ts'
import { control, daemon, type Target } from '../targets.ts'

const sizes = {
  full: { seconds: 3, warmSeconds: 1 },
  quick: { seconds: 1, warmSeconds: 1 },
  smallest: { seconds: 1, warmSeconds: 0 },
} as const satisfies Record<Size, object>

const connections = 16
const body = JSON.stringify({ channel: 'nobody', message: 'x'.repeat(98) })

const run = promisify(execFile)
const autocannon = createRequire(import.meta.url).resolve('autocannon')

export const nobodyReadsAutocannon: MakeQuestion = size => {
  const { seconds, warmSeconds } = sizes[size]
  return {
    name: 'nobody-reads-autocannon',
    asks: 'What does a publish cost to a channel that nobody reads, by autocannon?',
    parameters: { seconds, connections, bodyBytes: body.length },
    programs: [daemon(1), control('silence')],
    crews: 1,
    columns: [
      { figure: 'cpuUs', head: 'µs CPU per request', digits: 2, steady: true },
      { figure: 'rate', head: 'requests/s', digits: 0 },
      { figure: 'p99Ms', head: 'p99 ms', digits: 0 },
    ],
    aims: [
      {
        says: 'publish to a channel that nobody reads, autocannon: µs CPU per request',
        program: 'daemon, 1 worker',
        figure: 'cpuUs',
        base: { program: 'control', figure: 'cpuUs' },
        bound: { atMost: 1.5 },
      },
    ],
    async round(target) {
      if (warmSeconds > 0) await fire(target, warmSeconds)
      const meter = meterCpu(target.pid)
      meter.before()
      const { answered, rate, p99Ms } = await fire(target, seconds)
      meter.after()
      return { figures: { cpuUs: (meter.ms * 1_000) / answered, rate, p99Ms }, checksum: 0 }
    },
  }
}

/** Throws unless every request was answered as a publish is. */
async function fire(
  { port }: Target,
  seconds: number,
): Promise<{ answered: number; rate: number; p99Ms: number }> {
  const headers = publishHeaders.flatMap(header => ['-H', header])
  const load = ['-c', String(connections), '-d', String(seconds), '-m', 'POST', ...headers, '-b', body]
  const address = `http://127.0.0.1:${port}/api/publish`
  const { stdout } = await run(process.execPath, [autocannon, ...load, '--json', '--no-progress', address])
  const result = JSON.parse(stdout)
  const answered = Number(result['2xx'])
  if (!(answered > 0) || result.non2xx !== 0 || result.errors !== 0 || result.timeouts !== 0)
    throw new Error(`autocannon was refused: ${stdout.slice(0, 500)}`)
  return { answered, rate: result.requests.average, p99Ms: result.latency.p99 }
}
