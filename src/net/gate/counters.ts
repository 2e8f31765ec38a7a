// What a gate counts, and what the WebSockets count that came by it.

export interface GateCounters {
  /** Accepted, ever. */
  accepted: number
  requests: number
  /** Requests that were no sound HTTP. */
  refused: number
  /** Clients that left before their answer had ended. */
  aborted: number
  /** Connections closed because no request came in time. */
  idle: number
  /** Clients that were cut because too much waited for them. */
  behind: number
  /** Connections that were cut because even the waiting room was full. */
  crowded: number
  /** TLS handshakes that failed. */
  handshakesFailed: number
  /** Handlers that threw. */
  failures: number
}

export function createGateCounters(): GateCounters {
  return {
    accepted: 0,
    requests: 0,
    refused: 0,
    aborted: 0,
    idle: 0,
    behind: 0,
    crowded: 0,
    handshakesFailed: 0,
    failures: 0,
  }
}

export interface FrameCounters {
  /** WebSockets whose other side broke a rule of frames. */
  faults: number
  /** WebSockets that were cut because too much waited for them. */
  behind: number
  /** Handlers that threw. */
  failures: number
}

export function createFrameCounters(): FrameCounters {
  return { faults: 0, behind: 0, failures: 0 }
}
