// The rows that wait for a minute, against a running daemon of ours.
import { exchanges } from './exchanges.ts'
import { playOurs } from './ringcast.ts'

playOurs(exchanges.ringcast.soak)
