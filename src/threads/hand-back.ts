// In a pool thread: how a task gives its argument's memory back with the result, moved and not copied.
import { move, transferableSymbol, valueSymbol } from 'piscina'

/** What a task returns in place of `result`, in which the buffer is. */
export function handBack<Result extends object>(result: Result, buffer: ArrayBuffer): Result {
  const movable = { [transferableSymbol]: buffer, [valueSymbol]: result }
  return move(movable) as Result // the pool takes `result` out of it
}
