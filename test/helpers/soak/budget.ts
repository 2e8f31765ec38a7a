// How long a soak may take, and what it says meanwhile. `npm run soak` takes about 20 minutes; SOAK_MINUTES asks for
// another time, and every soak file does as much more or less.

/** What the counts in soak files are meant for. */
const usualMinutes = 20

/** Minutes that all soak files together may take, about. */
function soakMinutes(): number {
  const minutes = Number(process.env['SOAK_MINUTES'] ?? usualMinutes)
  if (!(minutes > 0 && minutes <= 1_440)) throw new RangeError('SOAK_MINUTES is a number from 0 to 1440')
  return minutes
}

/** As many as fit the time, where `count` fits the usual one; never fewer than `least`. */
export function scaled(count: number, least = 1): number {
  return Math.max(least, Math.round((count * soakMinutes()) / usualMinutes))
}

/** A line that appears at once: diagnostics of a test come only when it is over. */
export function progress(line: string): void {
  const seconds = Math.round(performance.now() / 1_000)
  process.stdout.write(`  ${String(seconds).padStart(5)} s  ${line}\n`)
}
