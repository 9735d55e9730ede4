import { expect, test } from 'vitest'
import { startHttp } from '../http/harness.ts'
import { goodSale } from '../http/memory-application.ts'

async function openReceipts() {
  const http = await startHttp()
  const location = (await http.call({ path: '/v1/operations', body: goodSale() })).headers['location']
  return {
    receipt: (query: string, headers: Record<string, string> = {}) =>
      http.call({ path: `${location}/receipt${query}`, headers }),
    [Symbol.asyncDispose]: () => http[Symbol.asyncDispose](),
  }
}

test.each([
  ['', '*/*', 'application/json'],
  ['', 'application/pdf', 'application/pdf'],
  ['', 'text/html,application/xhtml+xml,*/*;q=0.8', 'text/html; charset=utf-8'],
  ['', 'image/png', 'image/png'],
  ['', 'application/vnd.escpos', 'application/vnd.escpos'],
  ['', 'text/plain', 'text/plain; charset=utf-8'],
  ['?format=pdf&paper=a4', 'text/html', 'application/pdf'],
  ['?format=escpos&columns=32&code=ocr', '*/*', 'application/vnd.escpos'],
] as const)('the form of a receipt is what ?format, else Accept asks for: %s %s', async (query, Accept, type) => {
  await using http = await openReceipts()
  const { status, headers } = await http.receipt(query, { Accept })
  expect([status, headers['content-type']]).toEqual([200, type])
})

test('a form of no kind is refused', async () => {
  await using http = await openReceipts()
  for (const query of ['?format=docx', '?paper=a5', '?columns=40', '?copy=yes', '?code=aztec', '?colour=red']) {
    expect([query, (await http.receipt(query)).status]).toEqual([query, 400])
  }
  const refused = JSON.parse((await http.receipt('', { Accept: 'application/msword' })).body)
  expect([refused.status, refused.details.reason]).toEqual([400, 'header'])
})

test('a page comes with the policy of its style sheet, a file with a name', async () => {
  await using http = await openReceipts()
  const page = await http.receipt('?format=html')
  expect(page.headers['content-security-policy']).toMatch(
    /^default-src 'none'; style-src 'sha256-[^']+'; .*frame-ancestors 'none'$/,
  )
  const file = await http.receipt('?format=pdf')
  expect(file.headers['content-disposition']).toMatch(/^inline; filename="receipt-op_\w+\.pdf"$/)
  expect(file.body.startsWith('%PDF-1.7')).toBe(true)
})

test('a copy is asked for and marked, in every language', async () => {
  await using http = await openReceipts()
  for (const [language, mark] of [
    ['de', 'KOPIE'],
    ['en', 'COPY'],
    ['it', 'COPIA'],
  ]) {
    expect(JSON.parse((await http.receipt(`?copy=true&language=${language}`)).body)).toMatchObject({
      copy: true,
      notices: [mark],
    })
    expect((await http.receipt(`?copy=true&format=text&language=${language}`)).body).toContain(`*** ${mark} ***`)
  }
  expect(JSON.parse((await http.receipt('?copy=false')).body)).toMatchObject({ copy: false, notices: [] })
})
