// Threads beside the workers, from their start over what becomes of them to the next try.
import { deepEqual, equal } from 'node:assert/strict'
import { EventEmitter } from 'node:events'
import { describe, test } from 'node:test'
import type { Worker } from 'node:worker_threads'
import type { SideNode } from '../../../src/app/side.ts'
import { Sides } from '../../../src/app/sides.ts'
import type { FromSide, ToSide } from '../../../src/threads/side.ts'
import { FakeClock } from '../../helpers/fake-clock.ts'

class FakeThread extends EventEmitter {
  readonly told: ToSide['type'][] = []

  postMessage({ type }: ToSide): void {
    this.told.push(type)
  }

  says(message: FromSide): void {
    this.emit('message', message)
  }

  /** What its promises lead to has happened when this resolves. */
  async ends(): Promise<void> {
    this.emit('exit', 0)
    await settled()
  }

  async refuses(why: string): Promise<void> {
    this.says({ type: 'refused', why })
    await this.ends()
  }
}

class Scene {
  readonly clock = new FakeClock()
  readonly threads: FakeThread[] = []
  readonly codes: string[] = []
  /** What workers were. */
  readonly told: string[] = []
  readonly sides: Sides

  constructor() {
    const error = ({ code }: { code: string }) => this.codes.push(code)
    this.sides = new Sides({
      clock: this.clock,
      log: { error } as never, // nothing else of it is called
      frontends: [],
      node: () => ({}) as SideNode, // no thread reads it
      supervisor: {
        connect: (slot, name, port) => {
          port?.close()
          this.told.push(`${slot} ${name} ${port === undefined ? 'absent' : 'joined'}`)
        },
        serving: () => [0, 1],
        ask: async () => new Map(),
      },
      spawn: () => {
        this.threads.push(new FakeThread())
        return this.last as unknown as Worker // what it has is all that is used
      },
    })
  }

  get last(): FakeThread {
    const last = this.threads.at(-1)
    if (last === undefined) throw new Error('no thread was started')
    return last
  }

  /** Milliseconds until there is another one; none within an hour: undefined. */
  next(): number | undefined {
    const { length } = this.threads
    for (let ms = 0; ms < 3_600_000; ms += 500) {
      if (this.threads.length > length) return ms
      this.clock.advance(500)
    }
    return undefined
  }
}

async function settled(): Promise<void> {
  for (let at = 0; at < 10; at++) await undefined
}

async function opened(): Promise<Scene> {
  const scene = new Scene()
  scene.sides.want('z')
  scene.last.says({ type: 'open' })
  await settled()
  return scene
}

describe('a thread beside the workers', () => {
  test('is there once, however many want it', async () => {
    const scene = await opened()
    scene.sides.want('z')
    equal(scene.threads.length, 1)
  })

  test('that ends has a successor, tried again where it is refused or fails, later each time, and given up at last', async () => {
    const scene = await opened()
    await scene.last.ends()
    equal(scene.next(), 1_000)
    await scene.last.refuses('the address is in use')
    equal(scene.next(), 2_000)
    await scene.last.ends()
    equal(scene.next(), 4_000)
    await scene.last.refuses('the address is in use')
    equal(scene.next(), 8_000)
    await scene.last.ends()
    equal(scene.next(), undefined)
    deepEqual(scene.codes, [
      'side-ended',
      'side-refused',
      'side-refused',
      'side-refused',
      'side-refused',
      'side-given-up',
    ])
  })

  test('that was given up is tried anew as soon as a room wants it', async () => {
    const scene = await opened()
    for (let tries = 1; tries <= 5; tries++) {
      if (tries > 1) scene.last.says({ type: 'open' })
      await scene.last.ends()
      scene.next()
    }
    equal(scene.threads.length, 5)
    scene.sides.want('z')
    equal(scene.threads.length, 6)
    scene.last.says({ type: 'open' })
    await scene.last.ends()
    equal(scene.next(), 1_000)
  })

  test('that lived for a minute has failed for the first time', async () => {
    const scene = await opened()
    await scene.last.ends()
    scene.next()
    scene.last.says({ type: 'open' })
    scene.clock.advance(60_500)
    await scene.last.ends()
    equal(scene.next(), 1_000)
  })

  test('that cannot be had at first is tried again where a room wants it, and not before', async () => {
    const scene = new Scene()
    scene.sides.want('z')
    await scene.last.refuses('no package')
    equal(scene.next(), undefined)
    scene.sides.want('z')
    equal(scene.threads.length, 2)
    deepEqual(scene.codes, ['side-refused'])
  })

  test('that stays away is told to be so, to workers that come later, too, until it is tried anew', async () => {
    const scene = new Scene()
    scene.sides.want('z')
    await scene.last.refuses('no package')
    deepEqual(scene.told.splice(0), ['0 z absent', '1 z absent'])
    scene.sides.joined(2)
    deepEqual(scene.told.splice(0), ['2 z absent'])
    scene.sides.want('z')
    scene.sides.joined(3)
    scene.last.says({ type: 'open' })
    deepEqual(scene.told.splice(0), ['0 z joined', '1 z joined'])
    for (let tries = 1; tries <= 5; tries++) {
      if (tries > 1) scene.last.says({ type: 'open' })
      await scene.last.ends()
      scene.next()
    }
    deepEqual(scene.told.slice(-3), ['1 z joined', '0 z absent', '1 z absent'])
  })

  test('has no successor once the node stops', async () => {
    const scene = await opened()
    await scene.last.ends()
    void scene.sides.stop()
    equal(scene.next(), undefined)
    scene.sides.want('z')
    equal(scene.threads.length, 1)
  })
})
