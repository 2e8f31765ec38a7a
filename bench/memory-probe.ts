// Loaded into a measured program in front of its own code, in every thread of it. On SIGURG all threads collect their
// garbage, and the main thread prints one line with what they still hold. `targets.ts` adds it and reads the line.
import { BroadcastChannel, isMainThread } from 'node:worker_threads'

type Said = 'here' | 'measure' | { readonly heapBytes: number }

const channel = new BroadcastChannel('memory-probe')

function heapBytes(): number {
  // Twice: what a finalizer lets go of is only collected by the next pass.
  globalThis.gc?.()
  globalThis.gc?.()
  const { heapUsed, external } = process.memoryUsage()
  return heapUsed + external
}

function startMain(): void {
  let threads = 0
  let answers: number[] = []
  channel.onmessage = event => {
    const said = (event as { readonly data: Said }).data // nobody else knows the channel's name
    if (said === 'here') threads++
    else if (typeof said === 'object') {
      answers.push(said.heapBytes)
      tell()
    }
  }
  const tell = () => {
    if (answers.length < threads) return
    const sum = answers.reduce((one, other) => one + other, heapBytes())
    process.stdout.write(`heap ${sum}\n`)
  }
  process.on('SIGURG', () => {
    answers = []
    channel.postMessage('measure')
    if (threads === 0) tell()
  })
}

function startWorker(): void {
  channel.onmessage = event => {
    const said = (event as { readonly data: Said }).data // as above
    if (said === 'measure') channel.postMessage({ heapBytes: heapBytes() })
  }
  channel.postMessage('here')
}

if (isMainThread) startMain()
else startWorker()
channel.unref()
