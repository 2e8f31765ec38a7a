// How much the kernel may hold of what a client sent. The library reads a socket again for as long as a read comes back
// full, with 512 KB, and some of what it reads calls nobody: endless fragments without a byte, the digits of a chunk's
// size. Such a client never lets go of the thread, and nothing of ours can notice (README, rule 18). A receive buffer
// that never holds so much ends that: the kernel gives a listener's size to every connection that it accepts.
import { spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { faultText } from '../std/fault.ts'
import { ownListening } from './inherited/listening.ts'

/** What the library reads at once. */
const readBytes = 524_288

/** The kernel takes twice as much, its own records included: a window of 128 KB is 10 Mbit/s at a round trip of 100 ms. */
const bufferBytes = 131_072

/** Where new connections get it from; the third number is what a buffer may grow to. */
const limitFile = '/proc/sys/net/ipv4/tcp_rmem'

/**
 * Node.js sets the option of UDP sockets alone, by a descriptor that it then owns: so a process of its own does it to
 * its copies of our descriptors, which are the same sockets, and ends. It exits with 1 where one was refused.
 */
const program = `
  const { UDP } = process.binding('udp_wrap')
  let failed = 0
  for (let fd = 3; fd < 3 + Number(process.argv[1]); fd++) {
    const handle = new UDP()
    if (handle.open(fd) !== 0 || handle.bufferSize(${bufferBytes}, true, {}) === undefined) failed = 1
  }
  process.reallyExit(failed)
`

/** For all TCP ports that this process listens on. A reason where clients can still stall a worker. */
export async function boundReceiveBuffers(ports: readonly number[]): Promise<string | undefined> {
  try {
    if (ports.length === 0 || growsTo() < readBytes) return undefined
    const listening = await ownListening(false)
    const descriptors = listening
      .filter(({ address }) => ports.includes(address.port))
      .map(({ descriptor }) => descriptor)
    if (descriptors.length < ports.length) return 'the listeners were not found'
    return await bound(descriptors)
  } catch (error) {
    return faultText(error)
  }
}

function growsTo(): number {
  return Number(readFileSync(limitFile, 'utf8').trim().split(/\s+/)[2])
}

function bound(descriptors: readonly number[]): Promise<string | undefined> {
  return new Promise(resolve => {
    const child = spawn(process.execPath, ['-e', program, String(descriptors.length)], {
      stdio: ['ignore', 'ignore', 'ignore', ...descriptors],
      env: {},
    })
    child.once('error', error => resolve(error.message))
    child.once('exit', (status, signal) => {
      resolve(status === 0 ? undefined : `the program for it ended with ${status ?? signal}`)
    })
  })
}
