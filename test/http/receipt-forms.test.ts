// @module-tag heavy
import { expect, test } from 'vitest'
import { startHttp } from './harness.ts'
import { goodSale, REGISTER_KEY } from './memory-application.ts'

const FORMS = [
  ['pdf', 'application/pdf', '%PDF-'],
  ['png', 'image/png', '\ufffdPNG'],
  ['html', 'text/html; charset=utf-8', '<!doctype html>'],
  ['txt', 'text/plain; charset=utf-8', 'Bäckerei'],
  ['escpos', 'application/vnd.escpos', '\u001b@'],
] as const

test('each form of a receipt has its own path, whatever the client accepts', async () => {
  await using http = await startHttp()
  const { headers } = await http.call({ path: '/v1/operations', body: goodSale() })
  const place = headers['location'] ?? ''
  for (const [extension, mediaType, beginning] of FORMS) {
    for (const Accept of [undefined, 'application/json', 'application/msword', '*/*']) {
      const answer = await http.call({ path: `${place}/receipt.${extension}`, headers: { Accept } })
      expect([extension, answer.status, answer.headers['content-type']]).toEqual([extension, 200, mediaType])
      expect(answer.body).toContain(beginning)
    }
  }
  expect(http.lines.at(-1)).toMatchObject({
    route: '/v1/operations/{id}/receipt.escpos',
    operation_id: place.slice(15),
  })
})

test('every form accepts the members of every other form, and refuses a format and a wrong value', async () => {
  await using http = await startHttp()
  const { headers } = await http.call({ path: '/v1/operations', body: goodSale() })
  const place = headers['location'] ?? ''
  for (const [extension] of FORMS) {
    const query = 'language=it&copy=true&paper=a4&columns=32&code=ocr'
    expect((await http.call({ path: `${place}/receipt.${extension}?${query}` })).status).toBe(200)
    expect(http.application.receiptLanguage).toBe('it')
    expect((await http.call({ path: `${place}/receipt.${extension}?language=&copy=&paper=` })).status).toBe(200)
    for (const [wrong, pointer] of [
      ['format=pdf', '/format'],
      ['language=fr', '/language'],
      ['copy=yes', '/copy'],
      ['columns=40', '/columns'],
    ]) {
      const { status, json } = await http.json({ path: `${place}/receipt.${extension}?${wrong}` })
      expect([wrong, status, json.details['errors']]).toMatchObject([wrong, 400, [{ pointer }]])
    }
  }
})

test('a form of a receipt needs a key and a document, and no other form exists', async () => {
  await using http = await startHttp()
  for (const [extension] of FORMS) {
    const path = `/v1/operations/op_none/receipt.${extension}`
    expect((await http.json({ path, headers: { Authorization: undefined } })).json['code']).toBe('unauthorized')
    expect((await http.json({ path })).json).toMatchObject({ code: 'not_found', details: { resource: 'operation' } })
    const till = { Authorization: undefined, 'X-Register-Api-Key': REGISTER_KEY }
    const closing = await http.json({ path: `/v1/closings/cls_none/receipt.${extension}`, headers: till })
    expect(closing.json).toMatchObject({ code: 'not_found', details: { resource: 'closing' } })
    expect((await http.json({ method: 'POST', path, body: {} })).json['code']).toBe('method_not_allowed')
  }
  for (const extension of ['docx', 'PDF', 'json', 'text', 'pdfx', '']) {
    const { json } = await http.json({ path: `/v1/operations/op_none/receipt.${extension}` })
    expect(json).toMatchObject({ code: 'not_found', details: { resource: 'route' } })
  }
  expect((await http.json({ path: '/v1/operations/op_none/receiptxpdf' })).json.details).toEqual({ resource: 'route' })
})
