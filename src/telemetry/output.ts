// Where lines leave the process: each is written before the call returns. A log that cannot be written costs lines,
// never the node: a full disk or a reader that left ends nothing.

/** Writes what it can and says how many bytes; throws like `fs.writeSync`. */
export type WriteBytes = (bytes: Uint8Array) => number

/** What reads us may be slow for a moment. The thread waits as long for a line, then gives it up. */
const busyTriesMax = 200
const busyPauseMs = 5

/** What is returned takes whole lines with their line ends. Tests bring a `pause` that takes no time. */
export function createOutput(writeBytes: WriteBytes, pause = sleep): (line: string) => void {
  let isTorn = false

  /** The bytes that were not written. */
  const writeAll = (bytes: Uint8Array): Uint8Array => {
    let rest = bytes
    for (let tries = 0; rest.length > 0 && tries < busyTriesMax; ) {
      try {
        rest = rest.subarray(writeBytes(rest))
      } catch (error) {
        if (!isBusy(error)) return rest
        tries++
        pause(busyPauseMs)
      }
    }
    return rest
  }

  return line => {
    // The rest of a line that the disk had no room for stays away, but the next one begins on a line of its own.
    const bytes = Buffer.from(isTorn ? `\n${line}` : line)
    const rest = writeAll(bytes)
    if (rest.length === 0) isTorn = false
    else if (rest.length < bytes.length) isTorn = true
  }
}

/** Nothing else may run before the line is out, so the thread sleeps instead of setting a timer. */
function sleep(ms: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms)
}

function isBusy(error: unknown): boolean {
  return error instanceof Error && 'code' in error && (error.code === 'EAGAIN' || error.code === 'EINTR')
}
