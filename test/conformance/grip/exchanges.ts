// The table of contract §13, as far as it needs no WebSocket.
import { answers } from './rows/answers.ts'
import { askedAgain } from './rows/asking.ts'
import { browsers } from './rows/browser.ts'
import { connections } from './rows/connections.ts'
import { controls, itemMistakes } from './rows/control.ts'
import { gaps } from './rows/gaps.ts'
import { keepAlives } from './rows/keep-alives.ts'
import { links } from './rows/links.ts'
import { refusedInstructs } from './rows/mistakes.ts'
import { order } from './rows/order.ts'
import { longPolls } from './rows/polls.ts'
import { proxying } from './rows/proxying.ts'
import { rates } from './rows/rate.ts'
import { routes } from './rows/routes.ts'
import { holds } from './rows/streams.ts'
import type { GripRow } from './vocabulary.ts'

export const all: readonly GripRow[] = [
  ...routes,
  ...proxying,
  ...answers,
  ...connections,
  ...holds,
  ...keepAlives,
  ...longPolls,
  ...askedAgain,
  ...refusedInstructs,
  ...links,
  ...gaps,
  ...order,
  ...controls,
  ...itemMistakes,
  ...browsers,
  ...rates,
]

/** By what they are played against, and where: in the tests, or in a soak. */
export const exchanges = {
  ringcast: {
    test: all.filter(({ long }) => long !== 'everywhere'),
    soak: all.filter(({ long }) => long === 'everywhere'),
  },
  original: {
    test: all.filter(({ long }) => long === undefined),
    soak: all.filter(({ long }) => long !== undefined),
  },
} as const satisfies Record<string, Record<string, readonly GripRow[]>>
