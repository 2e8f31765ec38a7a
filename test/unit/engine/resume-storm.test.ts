// Law 1 for many at once: an answer to a resume may be a whole history that no link counts, so the owner is asked for
// one at a time, however many come with whatever positions, and each of them gets what it would have got alone.
import { deepEqual, equal, ok } from 'node:assert/strict'
import { describe, test } from 'node:test'
import { FakeSubscriber } from '../../helpers/fake-subscriber.ts'
import { Mesh } from '../../helpers/mesh.ts'
import { publishAll, publishedOf, texts } from '../../helpers/published.ts'

/** A worker with a live subscriber of a channel that has so many publications, all of them kept. */
function scene(count: number, mesh = new Mesh({ history: { size: 100 } })) {
  const positions = publishAll(mesh, 0, 'c0', texts(count))
  mesh.subscribe(1, 'c0')
  mesh.settle()
  const resume = (since: string | undefined) => mesh.subscribe(1, 'c0', new FakeSubscriber(), since)
  const asked = () => mesh.engines[0]?.statistics().shard['recoveries']
  return { mesh, positions, resume, asked }
}

/** That many before the position, or behind it. */
function shifted(position: string | undefined, by: number): string {
  return position?.replace(/\d+$/, offset => `${Number(offset) + by}`) ?? ''
}

/** Question and answer, once. */
function roundTrip(mesh: Mesh): void {
  mesh.turn()
  mesh.deliver(1, 0)
  mesh.turn()
  mesh.deliver(0, 1)
}

describe('law 1, a storm of resumes', () => {
  test('each wants more than the one before: two answers serve them all', () => {
    const { mesh, positions, resume, asked } = scene(40)
    const crowd = positions.slice(0, 39).reverse().map(resume)
    mesh.settle()
    publishAll(mesh, 0, 'c0', ['40'])
    crowd.forEach(({ received, resumedWithGap }, index) => {
      deepEqual([received, resumedWithGap], [texts(index + 2, 39 - index), false])
    })
    equal(asked(), 2)
  })

  test('some with an epoch and some without share an answer', () => {
    const { mesh, positions, resume, asked } = scene(20)
    const crowd = positions.map((position, n) => resume(n % 2 === 0 ? position : position.split('.')[1]))
    mesh.settle()
    crowd.forEach(({ received }, n) => deepEqual(received, texts(19 - n, n + 1)))
    ok((asked() ?? 0) <= 2, `${asked()} answers`)
  })

  test('as they keep coming, one answer is under way at most, and nobody waits for more than two', () => {
    let [underWay, most] = [0, 0]
    const observer = {
      sent(_from: number, _to: number, [type]: readonly unknown[]) {
        if (type === 'recover') most = Math.max(most, ++underWay)
        if (type === 'recovered') underWay--
      },
    }
    const { mesh, positions, resume } = scene(60, new Mesh({ history: { size: 100 }, observer }))
    const crowd: FakeSubscriber[] = []
    for (let wave = 9; wave >= 0; wave--) {
      const seen = crowd.length
      for (const position of positions.slice(wave * 6, wave * 6 + 6).reverse()) crowd.push(resume(position))
      roundTrip(mesh)
      if (seen > 0) ok(crowd.slice(0, seen).every(({ position }) => position !== undefined))
    }
    mesh.settle()
    crowd.forEach(({ received }, index) => deepEqual(received, texts(index, 60 - index)))
    equal(most, 1)
  })

  test('positions that nobody has reached are gaps, in two rounds for all of them', () => {
    const { mesh, positions, resume } = scene(3)
    const crowd = [9, 3, 7, 7, 5, 4].map(by => resume(shifted(positions[2], by)))
    roundTrip(mesh)
    roundTrip(mesh)
    for (const { resumedWithGap } of crowd) equal(resumedWithGap, true)
  })

  test('one that was given out after the question is none, though it waits beside one that is', () => {
    const { mesh, positions, resume } = scene(3)
    const liar = resume(shifted(positions[2], 2))
    mesh.turn()
    mesh.deliver(1, 0)
    const published = texts(3, 3).map(text => publishedOf(mesh.publish(0, 'c0', text)))
    const [same, later] = published.slice(1).map(({ epoch, offset }) => resume(`${epoch}.${offset}`))
    mesh.settle()
    publishAll(mesh, 0, 'c0', ['6'])
    equal(liar.resumedWithGap, true)
    deepEqual([same?.resumedWithGap, same?.received], [false, ['5', '6']])
    deepEqual([later?.resumedWithGap, later?.received], [false, ['6']])
  })

  test('whoever waits when the owner is lost is served by the next one', () => {
    const { mesh, positions, resume } = scene(10)
    const crowd = positions.slice(0, 9).reverse().map(resume)
    mesh.turn()
    const snapshot = mesh.engines[0]?.snapshot()
    mesh.kill(0)
    mesh.start(0, snapshot)
    mesh.settle()
    crowd.forEach(({ received, resumedWithGap }, index) => {
      deepEqual([received, resumedWithGap], [texts(index + 1, 9 - index), false])
    })
    equal(mesh.engines[0]?.statistics().shard['recoveries'], 1)
  })

  test('one that leaves while it waits is offered nothing, and the others are', () => {
    const { mesh, positions, resume } = scene(5)
    const [, leaver, stays] = [3, 1, 0].map(n => resume(positions[n]))
    if (leaver?.subscription) mesh.engines[1]?.unsubscribe(leaver.subscription)
    mesh.settle()
    deepEqual([leaver?.received, leaver?.position, stays?.received], [[], undefined, texts(4, 1)])
  })
})
