// The world failed: a disk, another process, a file that somebody wrote. Whoever supervises the call acts on the code, and
// shows the sentence. A refusal is returned and no fault; a bug is an assertion, and nobody catches it.

export interface FaultOptions {
  readonly cause?: unknown
  /** The same call may go well later, without anybody mending anything. */
  readonly isRetryable?: boolean
}

export class Fault<Code extends string = string> extends Error {
  /** Stable: neither reused nor renamed. */
  readonly code: Code
  readonly isRetryable: boolean

  /** `message` is a sentence for the operator, or the end of one that names the thing. */
  constructor(code: Code, message: string, { cause, isRetryable = false }: FaultOptions = {}) {
    super(message, cause === undefined ? undefined : { cause })
    this.code = code
    this.isRetryable = isRetryable
  }
}

/** The code of a fault, or the system's; the message of what has none. */
export function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : faultText(error)
}

/** What is said of whatever was thrown. */
export function faultText(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
