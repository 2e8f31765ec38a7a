import { notEqual } from 'node:assert/strict'
import { test } from 'node:test'
import { instanceName } from '../../../../src/frontends/grip/zmq/instance-name.ts'

test('neither two machines with one process id nor two processes of a machine have one name', () => {
  notEqual(instanceName('a', 1), instanceName('b', 1))
  notEqual(instanceName('a', 1), instanceName('a', 2))
})
