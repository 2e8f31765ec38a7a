// What a worker keeps together: requests that may have to be made again, and the answers of long polls, which wait.
import type { StoredResponse } from './response-of.ts'

export class StoredBytes {
  readonly #bytesMax: () => number
  #bytes = 0
  /** Long polls for which there was no room. */
  refused = 0

  constructor(bytesMax: () => number) {
    this.#bytesMax = bytesMax
  }

  get bytes(): number {
    return this.#bytes
  }

  /** False: there is no room, and nothing was taken. */
  take(bytes: number): boolean {
    if (this.#bytes + bytes <= this.#bytesMax()) {
      this.#bytes += bytes
      return true
    }
    return false
  }

  giveBack(bytes: number): void {
    this.#bytes -= bytes
  }
}

export function storedBytesOf({ body, rawHeaders }: StoredResponse): number {
  return body.length + headerBytesOf(rawHeaders)
}

/** Each character is a byte. */
export function headerBytesOf(rawHeaders: readonly string[]): number {
  return rawHeaders.reduce((sum, { length }) => sum + length, 0)
}
