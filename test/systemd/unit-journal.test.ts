// @module-tag heavy
import { expect, test } from 'vitest'
import type { Register } from '../e2e/bench.ts'
import type { Call } from '../e2e/client.ts'
import { completion } from '../e2e/client.ts'
import { goods, pay } from '../e2e/goods.ts'
import { done, installedMachine } from '../package/installed-machine.ts'
import { smoke } from '../tags.ts'
import { ShopInUnit, STATE } from './shop-in-unit.ts'

const CONFIG = { devices: [{ id: 'tse-1', driver: 'tse-simulator' }] }
const EDITOR = '/run/editor'
/** Signs of life each 4 s. */
const SET_UP = `
mkdir -p /etc/systemd/system/fiskal-edge.service.d
printf '[Service]\\nWatchdogSec=12\\nExecStopPost=+/bin/sh -c "echo $EXIT_STATUS >>/run/exits"\\n' >/etc/systemd/system/fiskal-edge.service.d/override.conf
mkfifo ${EDITOR}
`

let shop: ShopInUnit
let register: Register
const machine = installedMachine(async (prepared) => {
  shop = await ShopInUnit.open(prepared, CONFIG, SET_UP)
  register = await shop.register('DEU', 'tse-1')
})

function show(what: string): Promise<string> {
  return done(machine(), `systemctl show fiskal-edge -p ${what} --value`)
}

function saleBy(key: string): Call {
  return {
    path: '/v1/operations',
    body: goods('sale', register.id, [['3.00', '0.07']]),
    key,
  }
}

/** A technician's sqlite3 with an open write transaction. Returns its process. */
async function hold(): Promise<number> {
  const sqlite = `exec 3<>${EDITOR}; exec sqlite3 ${STATE}/journal.db <&3`
  await done(machine(), `systemd-run --quiet --unit=editor sh -c '${sqlite}'; echo 'BEGIN IMMEDIATE;' >${EDITOR}`)
  const pid = await done(machine(), 'systemctl show editor -p MainPID --value')
  await machine().until(`grep -Eq ' ${pid.trim()} [^ ]+ 120 120$' /proc/locks`)
  return Number(pid)
}

function release(): Promise<string> {
  return done(machine(), `echo 'ROLLBACK;' >${EDITOR}; systemctl stop editor`)
}

test('while another program holds the journal the service refuses sales, and sells once it is free', async () => {
  const { until } = machine()
  const before = await shop.start()
  const pid = await hold()
  const command = machine().sh('fiskal-edge key create platform --json')
  const vouchedAt = await show('WatchdogTimestampMonotonic')
  const refused = await register.till.refused(saleBy('held'))
  expect(refused).toMatchObject({
    code: 'storage_unavailable',
    details: { reason: 'journal_held', pid },
    fiscal_effect: 'none',
  })
  await done(machine(), 'curl -sSf --max-time 1 http://127.0.0.1:7070/healthz')
  expect(await shop.warnings()).toContainEqual(expect.objectContaining({ code: 'journal_held', severity: 'alarm' }))
  const doctor = await machine().sh('fiskal-edge doctor')
  expect([doctor.code, doctor.out]).toEqual([1, expect.stringContaining(`process ${pid} (sqlite3) has a write`)])
  // A sign of life that was not begun before.
  for (let signs = 0, last = vouchedAt.trim(); signs < 2; signs++)
    last = (
      await until(
        `at=$(systemctl show fiskal-edge -p WatchdogTimestampMonotonic --value); test $at != ${last}; echo $at`,
      )
    ).trim()
  expect(await register.till.refused(saleBy('held'))).toMatchObject({ details: { reason: 'journal_held' } })
  await release()
  const { code, out, err } = await command
  expect([code, out]).toEqual([0, expect.stringContaining('"key"')])
  expect(err).toBe(
    `fiskal-edge: process ${pid} (sqlite3) holds the journal: the command waits until that program ends its transaction\n`,
  )
  const sold = await shop.answered(register.till, saleBy('held'), 201)
  expect((await register.till.call(saleBy('held'))).text).toBe(sold.text)
  await until(`! curl -s http://127.0.0.1:7070/readyz | grep journal_held`)
  const log = await done(machine(), 'journalctl -u fiskal-edge -o cat')
  expect(log.match(/holds the journal/g)).toHaveLength(1)
  expect(await shop.start()).toBe(before)
})

test('a start that another program keeps from writing waits for it, and serves once it has ended', async () => {
  const before = Number(await show('NRestarts'))
  const pid = await hold()
  await done(machine(), 'systemctl kill --kill-whom=main -s KILL fiskal-edge')
  await machine().until(`systemctl show fiskal-edge -p StatusText | grep -E 'process ${pid}|another program'`)
  expect(await show('ActiveState')).toBe('activating\n')
  await release()
  await shop.answered(register.till, saleBy('after-start'), 201)
  expect(Number(await show('NRestarts'))).toBe(before + 1)
})

test('a second agent on the state of the service ends and names its process; a service that comes second waits', async () => {
  const { sh, until } = machine()
  const config = '/etc/fiskal-edge/by-hand.json'
  await done(
    machine(),
    `sed 's/"listen":{}/"listen":{"port":7071}/' /etc/fiskal-edge/agent.json >${config}; chmod 644 ${config}`,
  )
  const byHand = `setpriv --reuid=fiskal-edge --regid=fiskal-edge --clear-groups fiskal-edge run --config ${config}`
  const second = await sh(byHand)
  const pid = (await show('MainPID')).trim()
  expect([second.code, second.err]).toEqual([1, expect.stringContaining(pid)])
  await done(machine(), 'systemctl stop fiskal-edge')
  await done(machine(), `systemd-run --quiet --unit=by-hand ${byHand}`)
  await until('curl -sf http://127.0.0.1:7071/readyz')
  await done(machine(), 'systemctl start --no-block fiskal-edge')
  const holder = (await done(machine(), 'systemctl show by-hand -p MainPID --value')).trim()
  await until(`fiskal-edge doctor | grep -E 'service .* is activating: state_locked: .*${holder}'`)
  await done(machine(), 'systemctl stop by-hand')
  await shop.answered(register.till, saleBy('after-other'), 201)
  expect(await show('NRestarts')).toBe('0\n')
})

/**
 * The kernel's choice if the memory of the unit is used up: of all its processes it ends the one with the highest
 * score.
 */
const END_FIRST = `
procs=/sys/fs/cgroup/system.slice/fiskal-edge.service/cgroup.procs
while ! test -e /root/answered; do
  count=0
  while read -r pid; do
    count=$((count + 1))
    { read -r score </proc/$pid/oom_score_adj; } 2>/dev/null || continue
    if test "$score" -gt 0; then kill -KILL $pid; echo $score; exit 0; fi
  done <$procs
  test $count -gt 1 || sleep 0.02
done
exit 1`

test('when the unit is out of memory an export is killed before the agent, and is made when it is requested again', async () => {
  const before = await shop.start()
  const asked = 'fiskal-edge export journal --out /root/journal.jsonl'
  // The kernel chooses its moment; this script may come when the file is already complete.
  const score = await shop.until('an export that is killed before its file is complete', async () => {
    await done(machine(), 'rm -f /root/answered')
    const [lost, found] = await Promise.all([machine().sh(`${asked}; touch /root/answered`), machine().sh(END_FIRST)])
    return lost.err.includes('ended early') && found.code === 0 && found.out
  })
  const main = (await show('MainPID')).trim()
  const own = await done(machine(), `cat /proc/${main}/oom_score_adj`)
  // A container may not let systemd lower it.
  expect([Number(score), ['-500\n', '0\n']]).toEqual([500, expect.arrayContaining([own])])
  await done(machine(), asked)
  expect(await shop.start()).toBe(before)
})

test(
  'a service that is killed in an act reconciles it before it serves, and its key gets the one answer',
  smoke(),
  async () => {
    const { till, id } = register
    const open = await till.create(goods('sale', id, [['3.00', '0.07']]))
    await shop.fault('tse-1', 'slow=60000@finish')
    const call = completion(open, [pay('cash', '3.00')])
    const lost = till.call(call).then(
      ({ status }) => status,
      () => 'no answer',
    )
    await shop.until('the intent of the finish', async () => {
      const events = (await shop.office.list('/v1/journal?limit=200')) as readonly { op: string; body: string }[]
      return events.some(({ op, body }) => op === open.id && body.includes('"name":"finish"'))
    })
    await done(machine(), 'systemctl kill --kill-whom=main -s KILL fiskal-edge')
    expect(await lost).toBe('no answer')
    const settled = await shop.answered(till, call, 200)
    expect(settled.json['fiscal']).toMatchObject({ state: 'succeeded' })
    expect((await till.call(call)).text).toBe(settled.text)
  },
)

/** EXT4_IOC_SHUTDOWN: from now on every write and read of that file system fails, as on a disk that is broken. */
const BREAK = `perl -e 'open my $f, "<", $ARGV[0] or die $!; my $all = pack "L", 1; ioctl($f, 0x8004587d, $all) or die $!' ${STATE}`
const ON_A_DISK = `
systemctl stop fiskal-edge
truncate -s 256M /root/disk.img
mkfs.ext4 -q /root/disk.img
mount -o loop /root/disk.img /mnt
cp -a ${STATE}/. /mnt
chown fiskal-edge: /mnt; chmod 700 /mnt
umount /mnt
mount -o loop /root/disk.img ${STATE}
systemctl start fiskal-edge
`

test('a disk that fails a write ends the agent with 74; the service serves again when the disk does', async () => {
  await done(machine(), ON_A_DISK)
  const sold = await shop.answered(register.till, saleBy('before-fault'), 201)
  // A simulated TSE keeps its memory on the disk that breaks, a real one has its own.
  await done(machine(), `sync -f ${STATE}; ${BREAK}`)
  const lost = await register.till.call(saleBy('during-fault')).then(
    ({ status }) => status,
    () => 503,
  )
  expect(lost).toBe(503)
  await machine().until('grep -x 74 /run/exits')
  await done(machine(), `umount ${STATE}; mount -o loop /root/disk.img ${STATE}`)
  const after = await shop.answered(register.till, saleBy('during-fault'), 201)
  expect((await register.till.call(saleBy('during-fault'))).text).toBe(after.text)
  expect((await register.till.call(saleBy('before-fault'))).text).toBe(sold.text)
  expect(await done(machine(), 'fiskal-edge journal verify')).toMatch(/^✔ /)
})
