// The playground's page in a real browser: what is published by one protocol is seen by all, refusals and closed connections
// are told, the keyboard is enough, and a phone's screen too.
import { deepEqual, equal, match, ok } from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { frontends } from '../../src/app/worker.ts'
import * as registry from '../../src/frontends/registry.ts'
import { type Browser, isChromiumMissing, type Page, startChromium } from '../helpers/chromium.ts'
import { type Daemon, startDaemon } from '../helpers/daemon.ts'
import { development } from '../helpers/development.ts'
import { protocols } from '../helpers/protocols/ground.ts'
import { freePort } from '../helpers/proxies.ts'
import { until } from '../helpers/until.ts'

const names = frontends.filter(({ play }) => play !== undefined).map(({ name }) => name)
const [first, second = first] = names
/** Whose wire tells positions, so that a client goes on where it was. */
const counting = protocols.filter(({ hasPositions }) => hasPositions).map(({ name }) => name)

/** What a column shows. */
interface Shown {
  readonly state: string
  readonly why: string
  readonly answer: string
  readonly toggle: string
  readonly messages: readonly { readonly text: string; readonly position: string; readonly seen: string }[]
}

const reading = `Object.fromEntries([...document.querySelectorAll('.column')].map(column => {
  const textOf = (root, selector) => root.querySelector(selector)?.textContent ?? ''
  const messages = [...column.querySelectorAll('li')].map(item => ({
    text: textOf(item, '.text'), position: textOf(item, '.position'), seen: textOf(item, '.seen'),
  }))
  const shown = { state: column.querySelector('.state').dataset.state, messages }
  for (const name of ['why', 'answer', 'toggle']) shown[name] = textOf(column, '.' + name)
  return [textOf(column, 'h2'), shown]
}))`

const skip = isChromiumMissing()

describe('the playground in chromium', { skip }, () => {
  let browser: Browser
  let daemon: Daemon
  let page: Page
  let address: string

  const folder = mkdtempSync(join(tmpdir(), 'playground-'))
  const start = () => {
    const kept = { RINGCAST_STATE_DIR: folder, RINGCAST_HISTORY_SIZE: '100' }
    return startDaemon({
      workers: 2,
      environment: { ...development, ...kept, RINGCAST_ADMIN_LISTEN: address },
    })
  }
  const shown = async (name: string) => ((await page.evaluate(reading)) as Record<string, Shown>)[name]
  const all = async () => Object.values((await page.evaluate(reading)) as Record<string, Shown>)
  /** The page shows its columns once the node told which there are. */
  const allOpen = () =>
    until('all to be open', async () => {
      const states = (await all()).map(({ state }) => state)
      return states.length === names.length && states.every(state => state === 'open')
    })
  const click = (name: string, selector: string) =>
    page.evaluate(`document.querySelector('#column-${name} ${selector}').click()`)
  const publish = async (name: string, text: string) => {
    await page.evaluate(`document.querySelector('#text-${name}').value = ${text}`)
    await click(name, '.publish button')
  }
  const showChannel = async (channel: string) => {
    await page.evaluate(
      `document.querySelector('#channel input').value = '${channel}'; document.querySelector('#channel button').click()`,
    )
    await until(
      'the channel',
      async () => (await page.evaluate('document.title')) === `${channel} · ringcast playground`,
    )
  }
  const press = async (key: string) => {
    const text = key === 'Enter' ? { text: '\r' } : {}
    const code = key === 'Enter' ? 13 : 9
    const options = { key, code: key, windowsVirtualKeyCode: code, ...text }
    await page.command('Input.dispatchKeyEvent', { type: 'keyDown', ...options })
    await page.command('Input.dispatchKeyEvent', { type: 'keyUp', ...options })
  }

  before(async () => {
    address = `127.0.0.1:${await freePort()}`
    ;[daemon, browser] = await Promise.all([start(), startChromium()])
    page = await browser.open(`http://${address}/play?channel=first`)
  })
  after(async () => {
    await browser?.stop()
    const code = await daemon.stop()
    rmSync(folder, { recursive: true })
    equal(code, 0)
    deepEqual(daemon.errors, [])
  })

  test('what is published by one protocol arrives by all, at the same position', async () => {
    await allOpen()
    for (const [count, name] of names.entries()) {
      await publish(name, `'{"from":"${name}"}'`)
      await until('it in all columns', async () =>
        (await all()).every(({ messages }) => messages.length === count + 1),
      )
      for (const { messages } of await all())
        match(messages.at(-1)?.text ?? '', new RegExp(`"from":"${name}"`))
      const last = await Promise.all(counting.map(async each => (await shown(each))?.messages.at(-1)))
      for (const message of last) {
        match(message?.position ?? '', /^\w+\.\d+$/)
        equal(message?.seen, `${counting.length} of ${names.length}`)
      }
      equal(new Set(last.map(message => message?.position)).size, 1)
      // The publisher's own column may have the message before the answer.
      await until('the answer', async () => (await shown(name))?.answer !== 'publishing …')
      match((await shown(name))?.answer ?? '', /^Accepted: 20\d /)
    }
  })

  test('what is no JSON is put into what each protocol takes', async () => {
    await showChannel('words')
    await allOpen()
    for (const name of names) await publish(name, `'just ${name}'`)
    // What a stream without frames brings in one piece is one message there.
    await until('all', async () =>
      (await all()).every(({ messages }) => {
        const texts = messages.map(({ text }) => text).join()
        return names.every(name => texts.includes(`just ${name}`))
      }),
    )
  })

  test('a refusal is told with its status and text, of publishing and of subscribing', async () => {
    if (Object.hasOwn(registry, 'pushy')) {
      await publish('pushy', `'x'.repeat(1_100_000)`)
      await until(
        'the refusal',
        async () => (await shown('pushy'))?.answer === 'Refused: 413 {"error":"Payload too large"}',
      )
    }
    await showChannel('no name')
    if (!Object.hasOwn(registry, 'rpushd')) return
    await until('the refusal', async () => (await shown('rpushd'))?.state === 'closed')
    equal((await shown('rpushd'))?.why, 'refused with 400: Bad Request')
    await publish('rpushd', '1')
    await until('the answer', async () => (await shown('rpushd'))?.answer === 'Refused: 400 Bad Request')
  })

  test('a connection can be left and made again, and comes back by itself when the node does', async () => {
    await showChannel('again')
    await allOpen()
    for (const name of names) {
      await click(name, '.toggle')
      const left = await shown(name)
      deepEqual([left?.state, left?.why, left?.toggle], ['closed', 'you disconnected', 'Reconnect'])
      await click(name, '.toggle')
    }
    await allOpen()
    equal(await daemon.stop(), 0)
    await until('all to be closed', async () => (await all()).every(({ state }) => state !== 'open'))
    ok((await all()).every(({ state, why }) => state === 'connecting' || why.includes('trying again')))
    daemon = await start()
    await allOpen()
    // With the secrets of the new one.
    await publish(second ?? '', `'{"a":1}'`)
    await until('it in all columns', async () =>
      (await all()).every(({ messages }) => messages.some(({ text }) => text.includes('"a":1'))),
    )
  })

  test('goes on where it was after a restart of the node, although nothing had arrived before', async () => {
    await showChannel('quiet')
    await allOpen()
    // So that no column is back before the messages are there.
    for (const name of names) await click(name, '.toggle')
    equal(await daemon.stop(), 0)
    daemon = await start()
    for (const body of ['m1', 'm2', 'm3'])
      equal((await fetch(`http://${address}/play/pinghub/quiet`, { method: 'POST', body })).status, 200)
    for (const name of names) await click(name, '.toggle')
    const counted = () => Promise.all(counting.map(async name => (await shown(name))?.messages ?? []))
    await until('them in all columns', async () => (await counted()).every(({ length }) => length === 3))
    for (const messages of await counted()) {
      for (const [index, { text }] of messages.entries()) match(text, new RegExp(`m${index + 1}`))
    }
  })

  test('shows the channel that was asked for last, in whatever order the answers come', async () => {
    const title = await page.evaluate(`(async () => {
      const turn = () => new Promise(resolve => setTimeout(resolve))
      const show = channel => {
        document.querySelector('#channel input').value = channel
        document.querySelector('#channel button').click()
      }
      const { fetch } = window
      const held = Promise.withResolvers()
      window.fetch = async (...args) => {
        window.fetch = fetch
        const text = await (await fetch(...args)).text()
        await held.promise
        return new Response(text)
      }
      show('slow')
      show('quick')
      while (!document.title.startsWith('quick')) await turn()
      held.resolve()
      for (let count = 0; count < 20; count++) await turn()
      return document.title
    })()`)
    equal(title, 'quick · ringcast playground')
    await allOpen()
  })

  test('the keyboard is enough: fields have labels, focus is seen, Enter publishes', async () => {
    await showChannel('keys')
    await allOpen()
    await page.command('Page.bringToFront')
    await page.evaluate('document.activeElement.blur()')
    const stops: string[] = []
    const focused = `(() => {
      const { activeElement: own } = document
      const label = own.getAttribute('aria-label') ?? own.labels?.[0]?.textContent ?? own.textContent
      return [label.trim(), getComputedStyle(own).outlineStyle, own.closest('.column')?.id ?? '', own.tagName].join('|')
    })()`
    // The browser begins where the last click was.
    for (let count = 0; count < 12 && !stops.at(-1)?.startsWith(`Publish by ${second}`); count++) {
      await press('Tab')
      stops.push(String(await page.evaluate(focused)))
    }
    for (const stop of stops) match(stop, /^[^|]+\|(?:solid|auto)\|/, 'each has a name and a visible focus')
    const own = stops.filter(stop => stop.includes(`column-${first}`)).map(stop => stop.split('|')[0])
    deepEqual(own.slice(0, 4), [
      'Disconnect',
      `Publish by ${first}`,
      'Publish',
      `Clear the messages by ${first}`,
    ])
    await page.evaluate('document.activeElement.select()')
    await page.command('Input.insertText', { text: '{"typed":true}' })
    await press('Enter')
    await until('it in all columns', async () => (await all()).every(({ messages }) => messages.length === 1))
    equal(await page.evaluate(`document.activeElement.id`), `text-${second}`)
    deepEqual(
      await page.evaluate(
        `[...document.querySelectorAll('.log')].map(log => [log.role, log.ariaLive, log.ariaLabel])`,
      ),
      names.map(name => ['log', 'polite', `Messages by ${name}`]),
    )
  })

  test('columns stand side by side on a screen and below one another on a phone, and nothing is cut off', async () => {
    for (const [width, rows] of [
      // Five columns of 16rem, and what is between them.
      [1600, 1],
      [390, names.length],
    ] as const) {
      await page.command('Emulation.setDeviceMetricsOverride', {
        width,
        height: 844,
        deviceScaleFactor: 1,
        mobile: width < 500,
      })
      const tops = await page.evaluate(
        `new Set([...document.querySelectorAll('.column')].map(column => column.getBoundingClientRect().top)).size`,
      )
      equal(tops, rows)
      const [whole, seen] = (await page.evaluate(
        '[document.documentElement.scrollWidth, document.documentElement.clientWidth]',
      )) as readonly number[] // what the expression is
      equal(whole, seen)
    }
  })
})
