// The table of contract §13.
import { answers } from './rows/answers.ts'
import { askedAgain } from './rows/asking.ts'
import { browsers } from './rows/browser.ts'
import { connections } from './rows/connections.ts'
import { controls, itemMistakes } from './rows/control.ts'
import { gaps } from './rows/gaps.ts'
import { jsonp } from './rows/jsonp.ts'
import { jsonpModes } from './rows/jsonp-modes.ts'
import { keepAlives } from './rows/keep-alives.ts'
import { links } from './rows/links.ts'
import { refusedInstructs } from './rows/mistakes.ts'
import { order } from './rows/order.ts'
import { longPolls } from './rows/polls.ts'
import { proxying } from './rows/proxying.ts'
import { routes } from './rows/routes.ts'
import { socketAcceptances } from './rows/socket-acceptance.ts'
import { socketAnswers } from './rows/socket-answers.ts'
import { socketEvents } from './rows/socket-events.ts'
import { socketHandshakes } from './rows/socket-handshakes.ts'
import { nativeSockets } from './rows/socket-native.ts'
import { socketOpenings } from './rows/socket-opening.ts'
import { socketOrders } from './rows/socket-orders.ts'
import { publishedMessages } from './rows/socket-published.ts'
import { socketRoutes } from './rows/socket-routes.ts'
import { socketSizes } from './rows/socket-sizes.ts'
import { sockjs } from './rows/sockjs.ts'
import { sockjsSockets } from './rows/sockjs-sockets.ts'
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
  ...jsonp,
  ...jsonpModes,
  ...sockjs,
  ...sockjsSockets,
  ...socketRoutes,
  ...socketOpenings,
  ...socketEvents,
  ...socketSizes,
  ...socketAnswers,
  ...socketAcceptances,
  ...socketOrders,
  ...publishedMessages,
  ...nativeSockets,
  ...socketHandshakes,
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
