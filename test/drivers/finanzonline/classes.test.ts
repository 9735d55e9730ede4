import type { IncomingMessage, ServerResponse } from 'node:http'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import { calls, checkStart, opened, REGISTER, registerUnit, UNIT } from './opened.ts'

const SOAP = 'http://schemas.xmlsoap.org/soap/envelope/'
const LOGIN = '<n:loginResponse xmlns:n="urn:s"><n:id>A1B2C3D4E5F6</n:id><n:rc>0</n:rc><n:msg/></n:loginResponse>'

/** A service that logs in, and answers each request for an entry with that body, or as `answer` does. */
async function service(entry: (packet: string) => string, status = 200) {
  const bodies: string[] = []
  const answer = (request: IncomingMessage, response: ServerResponse, body: string) => {
    const packet = /<paket_nr>(\d+)</.exec(body)?.[1] ?? ''
    const content = request.url?.endsWith('session') ? LOGIN : entry(packet)
    const isSession = request.url?.endsWith('session') === true
    response.writeHead(isSession ? 200 : status, { 'Content-Type': 'text/xml' })
    response.end(`<S:Envelope xmlns:S="${SOAP}"><S:Body>${content}</S:Body></S:Envelope>`)
  }
  const server = createServer((request, response) => {
    let body = ''
    request.on('data', (chunk: Buffer) => {
      body += String(chunk)
    })
    request.on('end', () => {
      bodies.push(body)
      answer(request, response, body)
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  const { account } = await opened({ url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` })
  return { ...calls(account), account, bodies }
}

function result(codes: readonly string[], more = ''): (packet: string) => string {
  const messages = codes.map((code) => `<k:rkdbMessage><k:rc>${code}</k:rc><k:msg>m</k:msg></k:rkdbMessage>`).join('')
  return (packet) =>
    `<k:rkdbResponse xmlns:k="urn:k"><k:paket_nr>${packet}</k:paket_nr><k:ts_erstellung>2026-01-02T08:05:00</k:ts_erstellung><k:result><k:satznr>1</k:satznr>${messages}${more}</k:result></k:rkdbResponse>`
}

function all(codes: string, of: string, reason?: string): [string, string, string | undefined][] {
  return codes.split(' ').map((code) => [code, of, reason])
}

const CODES = [
  ...all('0', 'done'),
  ...all('-2', 'pause', 'maintenance'),
  ...all('-3', 'pause'),
  ...all('14 1336 1337 B4 C1 V1 V2 V3 V4 V5 V6 V7 V8 V9 V10 V11 V12 V13 V14 V15 V16', 'later'),
  ...all('B38', 'later_day'),
  ...all('4 5 6 7 8 9 31 41 3 13 B3 27 28 32', 'refused'),
  ...all('29 30 36 998 999 B14 B15 B20 B35 B28 B29 B30', 'refused'),
  ...all('B21', 'refused', 'time_in_future'),
  ...all('B5', 'refused', 'before_last_change'),
  ...all('43', 'refused', 'receipt_faulty'),
  ...all('B1 B2 B6 B7 B8 B9 B10 B13 B18 B19 B22 B32 B33 B34', 'state'),
  ...all('1 2 44 B99 V17 -9 b1', 'unclear', 'unknown_code'),
] as const

test('every code of an entry has its class, and an unknown one is unclear', async () => {
  let code = '0'
  const { send } = await service((packet) => result([code])(packet))
  const seen: (typeof CODES)[number][] = []
  for (const [each] of CODES) {
    code = each
    const answer = await send(registerUnit)
    expect(answer.rc).toEqual([each])
    seen.push([each, answer.class, answer.reason])
  }
  expect(seen).toEqual([...CODES])
})

test('a code of the account stops it, whatever other codes say; codes that contradict each other are unclear', async () => {
  let codes: readonly string[] = []
  const { send } = await service((packet) => result(codes)(packet))
  const classOf = async (...list: string[]) => {
    codes = list
    return (await send(registerUnit)).class
  }
  expect(await classOf('B14', '-3')).toBe('pause')
  expect(await classOf('V1', 'C1')).toBe('later')
  expect(await classOf('0', 'B1')).toBe('unclear')
  expect(await classOf('B14', 'B7')).toBe('unclear')
  expect(await classOf()).toBe('unclear')
  expect(await classOf('')).toBe('unclear')
})

test('rc −4 of an entry stops the account for a missing right, and ends its session', async () => {
  const { ask, account, bodies } = await service(result(['-4']))
  expect(await ask(UNIT)).toMatchObject({ class: 'credentials', reason: 'not_entitled', rc: ['-4'], effect: 'none' })
  expect(await account.refused()).toMatchObject({ rc: '-4', reason: 'not_entitled' })
  expect(bodies.map((body) => /<(\w+Request) /.exec(body)?.[1])).toEqual([
    'loginRequest',
    'rkdbRequest',
    'logoutRequest',
  ])
})

test.each([
  ['AKTIVIERT', 'known'],
  ['REGISTRIERT', 'known'],
  ['IN_BETRIEB', 'known'],
  ['AUSFALL', 'outage'],
])('the status %s in no namespace is %s', async (word, state) => {
  const asked = `<abfrage_ergebnis><ts_registrierung>2026-01-02T08:05:00.412+01:00</ts_registrierung><status>${word}</status><ts_status>2026-10-25T02:30:00.412+01:00</ts_status></abfrage_ergebnis>`
  const { ask } = await service(result(['0'], asked))
  const changedAtMs = Date.parse('2026-10-25T01:30:00.412Z')
  expect(await ask(REGISTER)).toMatchObject({ class: 'done', status: { state, word, changedAtMs } })
})

test.each([
  ['an unknown word', '0', '<abfrage_ergebnis><status>GESPERRT</status></abfrage_ergebnis>'],
  ['no status', '0', ''],
  ['a code of another state', 'B7', ''],
])('an answer to a question with %s is unclear', async (_, code, more) => {
  const { ask } = await service(result([code], more))
  const answer = await ask(UNIT)
  expect([answer.class, answer.status]).toEqual(['unclear', undefined])
})

test.each(['-2', '-3', '14', 'V7'])('the code %s of a question is never a state of its subject', async (code) => {
  const { ask } = await service(result([code]))
  const answer = await ask(UNIT)
  expect(['pause', 'later']).toContain(answer.class)
  expect(answer.status).toBeUndefined()
})

function verification(id: string, state: string, below = ''): string {
  return `<v:verificationResultList xmlns:v="urn:v"><v:verificationResult><v:verificationId>${id}</v:verificationId><v:verificationState>${state}</v:verificationState><v:verificationResultDetailedMessage>of ${id}</v:verificationResultDetailedMessage>${below}</v:verificationResult></v:verificationResultList>`
}

test.each([
  ['0', verification('VERIFICATION_FROM_CASHBOX', 'PASS'), 'done', 'pass'],
  ['0', verification('VERIFICATION_FROM_CASHBOX', 'NOT_EXECUTED'), 'unclear', 'none'],
  ['0', verification('VERIFICATION_FROM_CASHBOX', 'FAIL'), 'unclear', 'fail'],
  ['0', verification('SOMETHING_ELSE', 'PASS'), 'unclear', 'none'],
  ['0', '', 'unclear', 'none'],
  ['43', verification('VERIFICATION_FROM_CASHBOX', 'FAIL', verification('EXISTS_CASHBOX', 'FAIL')), 'refused', 'fail'],
])('a receipt check with rc %s and %j is %s', async (code, list, of, state) => {
  const { send } = await service(result([code], list))
  expect(await send(checkStart)).toMatchObject({ class: of, check: { state } })
})

test('the failing leaves of a receipt check are named, and none above them', async () => {
  const leaves = verification('EXISTS_CASHBOX', 'PASS') + verification('CRYPTO_SIGNATURE', 'FAIL')
  const { send } = await service(result(['43'], verification('VERIFICATION_FROM_CASHBOX', 'FAIL', leaves)))
  expect((await send(checkStart)).check?.failed).toEqual([{ id: 'CRYPTO_SIGNATURE', message: 'of CRYPTO_SIGNATURE' }])
})

test.each([['-1'], ['-4'], ['B14']])(
  'the words that come with rc %s have no session, also an ended one',
  async (code) => {
    const { send } = await service((packet) =>
      result([code])(packet).replace('>m<', '>Session A1B2C3D4E5F6 of KASSE001<'),
    )
    const answer = await send(registerUnit)
    expect(answer.message).toContain('Session … of …')
  },
)

test('the words of an answer are cut, and of many failing leaves a few are named', async () => {
  const long = 'Ü'.repeat(9000)
  const leaves = Array.from({ length: 100 }, (_, index) => verification(`${index}${long.slice(0, 900)}`, 'FAIL'))
  const { send } = await service((packet) =>
    result(
      ['43', long],
      verification('VERIFICATION_FROM_CASHBOX', 'FAIL', leaves.join('')),
    )(packet).replace('>m<', `>${long}<`),
  )
  const answer = await send(checkStart)
  expect(answer.check?.failed[0]?.id).toMatch(/^0ÜÜ/)
  expect(Buffer.byteLength(JSON.stringify(answer))).toBeLessThan(4096)
})

function fault(code: string, detail: string): string {
  return `<S:Fault><faultcode>${code}</faultcode><faultstring>wrong Geheim-123</faultstring><detail>${detail}</detail></S:Fault>`
}

test.each([
  ['S:Client', '<f:ValidationError xmlns:f="urn:f">cvc: Geheim-123 KASSE001</f:ValidationError>', 'refused'],
  ['S:Client', '', 'refused'],
  ['S:Server', '', 'pause'],
])('a fault %s with the detail %j is %s, without secrets', async (code, detail, of) => {
  const { send } = await service(() => fault(code, detail), 500)
  const answer = await send(registerUnit)
  expect(answer.class).toBe(of)
  expect(answer.reason).toBe(of === 'refused' ? 'malformed_request' : 'unreachable')
  expect(JSON.stringify(answer)).not.toMatch(/Geheim-123|KASSE001/)
})

test.each([201, 302, 403, 404, 429, 500, 503])(
  'the HTTP status %d without a fault pauses the account',
  async (status) => {
    const { send } = await service(result(['0']), status)
    expect(await send(registerUnit)).toMatchObject({ class: 'pause', lost: 'http', httpStatus: status })
  },
)

test.each([
  ['of another packet', (packet: string) => result(['0'])(`${packet}0`)],
  ['for another request', result(['0'], '<k:kundeninfo>fo_9</k:kundeninfo>')],
  ['with two results', (packet: string) => result(['0'])(packet).replace(/(<k:result>.*<\/k:result>)/, '$1$1')],
  ['without a result', () => '<k:rkdbResponse xmlns:k="urn:k"/>'],
])('an answer %s is lost', async (_, entry) => {
  const { send } = await service(entry)
  expect(await send(registerUnit)).toMatchObject({ class: 'pause', lost: 'other_packet', effect: 'unknown' })
})

test('requests have the bytes of the schema: order, namespaces and escaped text', async () => {
  const { ask, send, bodies } = await service(result(['0']))
  await ask(UNIT)
  await send(registerUnit)
  await send({ operation: 'registrierung_se', vdaId: 'AT9', unit: { certificate: 'MIIB' } })
  await send({ operation: 'registrierung_kasse', cashBoxId: 'A&B', aesKey: 'x' })
  await send({ operation: 'ausfall_kasse', subject: REGISTER, reason: 6, since: undefined })
  await send({ operation: 'ausfall_se', subject: UNIT, reason: 2, since: '2026-03-01T10:00:00Z' })
  await send({ operation: 'wiederinbetriebnahme_se', subject: UNIT, end: '2026-03-04T09:30:00Z' })
  await send({ operation: 'belegpruefung', code: '_a_b' })
  const [login = '', ...others] = bodies
  const envelope = (body: string) =>
    `<?xml version="1.0" encoding="UTF-8"?><S:Envelope xmlns:S="${SOAP}"><S:Body>${body}</S:Body></S:Envelope>`
  expect(login).toBe(
    envelope(
      '<loginRequest xmlns="https://finanzonline.bmf.gv.at/fon/ws/session"><tid>123456789SIM</tid><benid>KASSE001</benid><pin>Geheim-123</pin><herstellerid>ATU12345678</herstellerid></loginRequest>',
    ),
  )
  const open =
    '<rkdbRequest xmlns="https://finanzonline.bmf.gv.at/rkdb"><tid>123456789SIM</tid><benid>KASSE001</benid><id>A1B2C3D4E5F6</id><art_uebermittlung>P</art_uebermittlung>'
  const serial = '<zertifikatsseriennummer hex="true">2a91f3c4</zertifikatsseriennummer>'
  const till = '<kassenidentifikationsnummer>GW-AT-001</kassenidentifikationsnummer>'
  const shown = others.map((body) => body.replace(/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ(?=<\/ts_erstellung>)/, 'NOW'))
  const question = `<status_see><paket_nr>101</paket_nr><ts_erstellung>NOW</ts_erstellung><satznr>1</satznr>${serial}</status_see>`
  const entries = [
    `<registrierung_se>INFO<art_se>SIGNATURKARTE</art_se><vda_id>AT1</vda_id>${serial}</registrierung_se>`,
    '<registrierung_se>INFO<art_se>SIGNATURKARTE</art_se><vda_id>AT9</vda_id><zertifikat>MIIB</zertifikat></registrierung_se>',
    '<registrierung_kasse>INFO<kassenidentifikationsnummer>A&amp;B</kassenidentifikationsnummer><benutzerschluessel>x</benutzerschluessel></registrierung_kasse>',
    `<ausfall_kasse>INFO${till}<ausserbetriebnahme><begruendung>6</begruendung></ausserbetriebnahme></ausfall_kasse>`,
    `<ausfall_se>INFO${serial}<ausfall><begruendung>2</begruendung><beginn_ausfall>2026-03-01T10:00:00Z</beginn_ausfall></ausfall></ausfall_se>`,
    `<wiederinbetriebnahme_se>INFO${serial}<ende_ausfall>2026-03-04T09:30:00Z</ende_ausfall></wiederinbetriebnahme_se>`,
    '<belegpruefung>INFO<beleg>_a_b</beleg></belegpruefung>',
  ].map((entry, at) => {
    const info = `<satznr>1</satznr><kundeninfo>fo_${102 + at}</kundeninfo>`
    return `<rkdb><paket_nr>${102 + at}</paket_nr><ts_erstellung>NOW</ts_erstellung>${entry.replace('INFO', info)}</rkdb>`
  })
  expect(shown).toEqual([question, ...entries].map((what) => envelope(`${open}${what}</rkdbRequest>`)))
})
