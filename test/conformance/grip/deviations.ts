// Why the original does something else than a row expects of us: a closed list. What is not here must be alike.

export const deviations = {
  'early errors': 'contract §16: 1.36 closes the connection where newer versions say what is wrong',
  'first subscription':
    'contract §5.8: the original asks an origin again one second after the first subscription of a channel; a single daemon has no upstream to wait for, so that we leave it off, as newer versions can',
  'queries of pages':
    'contract §5.6: the original shares the request for a page with those that differ in the query, and gives one client the page of another (and asks after the first subscription, as above)',
  'gone links': 'contract §16: 1.36 has no rel=gone',
  'no CDN-Loop': 'contract §16: 1.36 has no cdn_loop',
  'filters without a limit': 'contract §16: 1.36 has no limit of filters for a channel',
  'filters that fail':
    'contract §7, §16: a filter that cannot be applied ends the stream of 1.36, and newer versions write nothing; we drop the item and count it',
  'filters that ask':
    'contract §16: 1.36 has no http-check and no http-modify, and names that nobody knows do nothing',
  'ids of first bodies': 'contract §14, fault 12: no id is known in the first body of the original',
  'elements of patches':
    'contract §14, fault 10: the original replaces the element where one is to be inserted',
  'patches that fail': 'contract §14, fault 9: 1.36 answers 502, and newer versions an empty body',
  'required channels': 'contract §16: require-sub keeps everything from WebSockets in 1.36',
  'no refresh': 'contract §16: 1.36 knows no action refresh',
  'empty connection': 'contract §14, fault 22: a length of 0 ends the connection of the original',
  'expose inverted': 'contract §14, fault 11: in a published response, exposed headers are removed',
  'lost while asking': 'contract §14, fault 27: what is published while an origin is asked again gets lost',
  'kept connections':
    'contract §14, fault 24: the original closes the control connection behind each answer, and takes bytes behind a body for a part of it',
  'torn bodies': 'contract §14, fault 5: the original ends a body cleanly, or never, whose origin died',
  'status of no number': 'contract §6.2: a code that is no number is passed on as status 0',
  'page shown':
    'contract §16: 1.36 passes the body of a next page on before it sees that it holds a response',
  HEAD: 'contract §13, row 75: there is never a body, but 1.36 sends what is published',
  'licence notice': 'contract §4.1: Pushpin-Check is an obligation of the original alone',
  decompression: 'contract §16: 1.36 asks origins for encodings of its own and decodes them',
  'paths as they are': 'contract §14, fault 28: 1.36 resolves no path',
  'scripts as names': 'contract §12.2: the original calls whatever a link says, scripts included',
  'pluses of forms':
    'contract §12.3: in forms of browsers blanks are pluses, which the original leaves as they are',
  'cut without a word':
    'contract §14, fault 30: the original cuts WebSockets whose origin failed without a close frame',
  pings: 'contract §14, fault 19: the original leaves the answer to a ping to the origin',
  'any code': 'contract §14, fault 19: the original writes close codes that are for no wire',
  'closes without an answer':
    'contract §14, fault 29: a client whose origin keeps an interval waits for the answer to its close without end',
  'parameters of a type': 'contract §14, fault 25: a type of events that has parameters is another one',
  'the rest is dropped': 'contract §16: 1.36 forgets what an origin did not take',
  'more than there was': 'contract §16: 1.36 lets an origin take more than it was given',
  'control amid fragments': 'RFC 6455 section 5.4: 1.36 takes a ping within a message for a fault',
  'pings without content': 'contract §6.2: 1.36 sends no ping where its content is not there at all',
  'bytes as text': 'contract §8.5: 1.36 sends content-bin as text where no type is said',
  'large messages': 'contract §14, fault 21: 1.36 sends no message of more than 16,384 bytes to a client',
  'order of headers': 'contract §8.2: 1.36 writes the headers of GRIP in another order',
  'case of websocket': 'contract §16: the name of a WebSocket in another case is none to 1.36',
  'payloads of pings': 'contract §16: 1.36 loses payloads on the way to and from native origins',
  'refusals without words': 'contract §16: 1.36 loses reason and headers of the refusal of a native origin',
  'closes without a code': 'contract §16: 1.36 closes towards native origins without a code',
  'lost behind a half':
    'contract §14, fault 7: what is published while a message passes in several frames gets lost',
} as const satisfies Readonly<Record<string, string>>

export type Difference = keyof typeof deviations
