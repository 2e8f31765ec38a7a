// The ways to targets that are kept.
import { equal, notEqual } from 'node:assert/strict'
import { test } from 'node:test'
import type { Connector } from '../../../src/net/outgoing/connect.ts'
import { Connectors, connectorsMax } from '../../../src/net/outgoing/connectors.ts'

const target = (serverName: string) => ({ host: 'o', port: 443, isTls: true, serverName })

test('so many ways to targets with TLS are known, and the one that was not used for longest is forgotten', () => {
  const connectors = new Connectors(() => ({}) as Connector) // each is another one
  const first = connectors.to(target('first'))
  const second = connectors.to(target('second'))
  for (let count = 2; count < connectorsMax; count++) connectors.to(target(`${count}`))
  equal(connectors.to(target('first')), first)
  connectors.to(target('one more'))
  equal(connectors.to(target('first')), first)
  notEqual(connectors.to(target('second')), second)
})
