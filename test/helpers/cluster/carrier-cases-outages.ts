// What every carrier must keep when its broker changes, or the way to it is cut.
import { deepEqual, equal, notEqual, ok } from 'node:assert/strict'
import { until } from '../until.ts'
import { append, asked, type CarrierCase, changeTerm, jump, place, stretch } from './carrier-scene.ts'

export const outageCases: readonly CarrierCase[] = [
  {
    name: 'a new term begins a new epoch, far above, and says what the previous one had, or nothing of it',
    needs: 'changeTerm',
    async play(scene) {
      const a = await scene.carrier()
      const [asks, appends] = [scene.channel('asks'), scene.channel('appends')]
      for (const channel of [asks, appends])
        await a.append(...['a', 'b', 'c'].map(text => append(channel, text)))
      const [before, other] = [await asked(a, asks), await asked(a, appends)]
      await changeTerm(scene, a)
      const lane = a.carrier.laneOf(asks)
      deepEqual(await a.compare([{ channel: asks, ...before }]), [0], `lane ${lane}`)
      const after = await asked(a, asks)
      notEqual(after.epoch, before.epoch)
      ok(after.first >= before.next + jump - 1)
      // A server that cannot vouch for its past says nothing of it.
      const vouched = after.previous !== undefined
      if (vouched) deepEqual(after.previous, { epoch: before.epoch, next: before.next })
      const { epoch, offset } = await place(a, appends, 'd')
      notEqual(epoch, other.epoch)
      ok(offset >= other.next + jump - 1)
      const { previous } = await asked(a, appends)
      deepEqual(previous, vouched ? { epoch: other.epoch, next: other.next } : undefined)
      if (vouched)
        deepEqual(await stretch(a, appends, other, other.first, other.next), [other.first, ['a', 'b', 'c']])
      deepEqual(await stretch(a, appends, { ...after, epoch }, offset, offset + 1), [offset, ['d']])
    },
  },
  {
    name: 'nothing is subscribed to in a lane that came back, and what is asked for then is answered',
    needs: 'cut',
    async play(scene) {
      const [a, b] = [await scene.carrier('a'), await scene.carrier('b')]
      const channel = scene.channel()
      await a.subscribe(channel)
      await place(b, channel, 'before')
      await a.heard(1)
      const starts = [...a.starts]
      await scene.stage.cut?.()
      await until('the lanes came back', () => starts.every((count, lane) => (a.starts[lane] ?? 0) > count))
      await Promise.all([a.ready(), b.ready()])
      await place(b, channel, 'unheard')
      await a.subscribe(channel)
      await place(b, channel, 'after')
      await a.heard(2)
      deepEqual(a.textsOf(channel), ['before', 'after'])
      ok(a.reasons.length > 0 && a.reasons.every(reason => reason.length > 0))
    },
  },
  {
    name: 'whatever is under way when the lane goes down is answered once, and an append never as if it were certain',
    needs: 'cut',
    async play(scene) {
      const a = await scene.carrier()
      const channel = scene.channel()
      await place(a, channel, 'before')
      const answers: unknown[] = []
      const ended = scene.stage.cut?.()
      const before = answers.length
      let asks = 0
      // As long as it takes until the cut is noticed.
      await until('the cut is noticed', async () => {
        if (a.reasons.length > 0) return true
        asks += 2
        a.carrier.append(a.carrier.laneOf(channel), [append(channel, 'x')], ([outcome]) => {
          answers.push(outcome)
        })
        a.carrier.ask(channel, 0, where => answers.push(where))
        const wanted = asks
        await until('all are answered', () => answers.length === wanted)
        return a.reasons.length > 0
      })
      await ended
      equal(answers.length, asks + before)
      for (const answer of answers)
        ok(
          typeof answer === 'object' || ['away', 'unknown', 'overloaded'].includes(String(answer)),
          `${answer}`,
        )
    },
  },
]
