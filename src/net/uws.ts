// Loads uWebSockets.js and declares what this project uses of it, the undocumented part included, so that another
// build of the library is judged by the contract suite and this page. Nobody else imports it.
import type {
  HttpRequest,
  HttpResponse,
  TemplatedApp,
  us_listen_socket,
  us_socket,
  us_socket_context_t,
  WebSocket,
  WebSocketBehavior,
} from 'uWebSockets.js'

export type Request = HttpRequest
export type Response = HttpResponse
export type ListenSocket = us_listen_socket
/** A pointer that lives as long as its App; `Response.upgrade` wants it back. */
export type UpgradeContext = us_socket_context_t
/** Its user data is a copy of the record that `upgrade` was given: the same fields in another object. */
export type NativeSocket<Data> = WebSocket<Data>
export type SocketBehavior<Data> = WebSocketBehavior<Data>

/** A TemplatedApp with the methods that its types leave out (README, Another build). */
export interface App extends Omit<TemplatedApp, 'listen' | 'listen_unix'> {
  listen(host: string, port: number, options: number, done: (socket: ListenSocket | false) => void): App
  /** Removes whatever is at the path, and takes it from whoever listens there: look first (README, rule 17). */
  listen_unix(done: (socket: ListenSocket | false) => void, path: string): App
  /** A pointer in a float64: meaningful in this process only, and may be sent to another thread. */
  getDescriptor(): number
  addChildAppDescriptor(descriptor: number): void
  removeChildAppDescriptor(descriptor: number): void
}

export interface Uws {
  App(): App
  readonly LIBUS_LISTEN_EXCLUSIVE_PORT: number
  us_listen_socket_close(socket: ListenSocket): void
  us_socket_local_port(socket: us_socket): number
  /** Undocumented; `_cfg('silent')` leaves out the library's own header, per thread. */
  _cfg?(key: string): void
}

/** Request line and headers together; more is answered 431. Large enough for a proxy's cookies and one long token. */
const headBytesMax = 16_384

/** Loads the library for this thread. The first call in a process fixes the head limit: it is read while loading. */
export async function loadUws(): Promise<Uws> {
  process.env['UWS_HTTP_MAX_HEADERS_SIZE'] = String(headBytesMax)
  const uws = (await import('uWebSockets.js')) as unknown as Uws // its own types lack what is declared above
  uws._cfg?.('silent')
  return uws
}

/** As the library writes it; empty where there is none. */
export function remoteAddressOf(response: Response | undefined): string {
  const text = response?.getRemoteAddressAsText()
  return text === undefined ? '' : Buffer.from(text).toString()
}
