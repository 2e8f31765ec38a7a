// The edge between native callbacks and our code. An exception must not travel into the library (a throw there can
// end the process), and must not be lost either: it is rethrown on the next turn, where the worker's own handler
// retires the worker.
import type { Clock } from '../std/clock.ts'

/** Runs `body`; where it throws, first `failed` cleans up the connection, then the exception is rethrown later. */
export function guard(clock: Clock, failed: () => void, body: () => void): void {
  try {
    body()
  } catch (error) {
    afterThrow(clock, failed, error)
  }
}

/** For a caller with a `try` of its own, where a closure for each call would show. */
export function afterThrow(clock: Clock, failed: () => void, error: unknown): void {
  try {
    failed()
  } finally {
    clock.endOfTurn(() => {
      throw error
    })
  }
}
