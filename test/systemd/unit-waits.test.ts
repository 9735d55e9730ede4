import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { installedMachine } from '../package/installed-machine.ts'

const machine = installedMachine()

test('the service waits for an address that this machine does not have yet, and serves it once it is there', async () => {
  const { root, sh, until } = machine()
  const file = join(root, 'etc/fiskal-edge/agent.json')
  const own = readFileSync(file, 'utf8')
  const listen = '"listen": { "host": "192.168.7.7", "port": 7070 }, "tls": { "names": ["192.168.7.7"] }'
  writeFileSync(file, own.replace(/"listen": \{[^}]*\}/, listen))
  expect((await sh('fiskal-edge service install --no-start')).code).toBe(0)
  expect((await sh('systemctl restart --no-block fiskal-edge')).code).toBe(0)
  await until('fiskal-edge doctor | grep "service .* is activating: address_unusable: .* → it goes on by itself"')
  expect((await sh('ip address add 192.168.7.7/32 dev lo')).code).toBe(0)
  await until('curl -skf https://192.168.7.7:7070/readyz | grep \'"state":"ready"\'')
  expect((await sh('systemctl show fiskal-edge -p NRestarts --value')).out).toBe('0\n')
})
