import { expect, test } from 'vitest'
import { addressSpaceOf } from '../../../clients/typescript/src/address-space.ts'

test.each([
  ['http://127.0.0.1:7070', 'loopback'],
  ['http://localhost:7070', 'loopback'],
  ['http://[::1]:7070', 'loopback'],
  ['http://192.168.1.10:7070', 'local'],
  ['https://10.0.0.5:7070', 'local'],
  ['https://[fd00::1]:7070', 'local'],
  ['https://kasse:7070', 'local'],
  ['https://kasse.local:7070', 'local'],
  ['https://172.32.0.1:7070', undefined],
  ['https://till.example', undefined],
])('a browser asks its user about the network of %s: %s', (url, space) => {
  expect(addressSpaceOf(url)).toBe(space)
})
