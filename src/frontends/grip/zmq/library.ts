// The library, in the thread alone and as late as it is needed: it is optional, 34 MB on disk, and must not end with a process
// that still waits for something of it. So nothing is ever sent that could wait, and a receive is waited for by one loop.
import { codeOf, faultText } from '../../../std/fault.ts'

export type Zeromq = typeof import('zeromq')

/** A sentence: it is not there. */
export async function loadZeromq(): Promise<Zeromq | string> {
  try {
    return await import('zeromq')
  } catch (error) {
    return `the package zeromq, which settings of ZeroMQ need, cannot be loaded (npm install zeromq@6.8.0): ${faultText(error).split('\n', 1)[0]}`
  }
}

/**
 * Of every socket: to close one never waits. An option that a socket does not have ends the process within its constructor, so
 * there are two of these.
 */
export const receiving = { linger: 0 } as const

/**
 * Of a socket that is told what to subscribe to while it waits: the library may miss then that something came, and looks again
 * when so many milliseconds are over.
 */
export const subscribing = { linger: 0, receiveTimeout: 100 } as const

/** Of sockets that send: without room it fails at once. */
export const sending = { linger: 0, sendTimeout: 0 } as const

interface Receiver {
  readonly closed: boolean
  receive(): Promise<Buffer[]>
}

/**
 * Takes what comes, one after the other, until the socket is closed: then nothing of it is pending. `free`: where it gives a
 * promise, nothing is received before that.
 */
export async function receiveAll(
  socket: Receiver,
  free: () => Promise<void> | undefined,
  take: (frames: readonly Buffer[]) => Promise<void> | void,
): Promise<void> {
  while (!socket.closed) {
    const until = free()
    if (until !== undefined) await until
    if (socket.closed) return
    let frames: readonly Buffer[]
    try {
      frames = await socket.receive()
    } catch (error) {
      if (socket.closed) return
      if (codeOf(error) === 'EAGAIN') continue
      throw error
    }
    await take(frames)
  }
}
