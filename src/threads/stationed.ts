// One worker as the primary sees it, and how it is told something.
import type { MessagePort, Worker } from 'node:worker_threads'
import type { Slot } from '../engine/words/link.ts'
import type { Children, ToWorker } from './control.ts'
import type { Pulse } from './vitals.ts'

export interface Stationed {
  readonly slot: Slot
  readonly worker: Worker
  readonly pulse: Pulse
  state: 'waiting' | 'starting' | 'booted' | 'serving' | 'leaving'
  children: Children
}

export function tell(worker: Worker, message: ToWorker): void {
  const ports: MessagePort[] = message.type === 'open' ? message.links.map(link => link.port) : []
  if (message.type === 'link') ports.push(message.link.port)
  if (message.type === 'side' && message.port !== undefined) ports.push(message.port)
  worker.postMessage(message, ports)
}
