import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { Bench } from '../bench.ts'
import { italianShop, tillAt } from './shop.ts'

const RANGE = { from: '1970-01-01T00:00:00Z', to: '9999-12-31T23:59:59Z' }

test('the sheet of links has one line per duty, by day, with the words of others quoted', async () => {
  await using bench = await Bench.open({ config: { devices: [{ id: 'rt-1', driver: 'rt-simulator' }] } })
  await bench.untilDevice('ready')
  const location = await italianShop(bench)
  const { id: register } = await tillAt(bench, 'rt-1', location)
  const { fiscalization } = await bench.office.get(`/v1/registers/${register}`)
  const { tse_serial: serial } = fiscalization as { tse_serial: string }
  const common = { location_id: location, register_ids: [register] }
  const made = await bench.office.post('/v1/payment-terminals', {
    ...{ ...common, kind: 'physical', tid: '50123456', active_from: '2026-06-15', active_to: '2026-12-01' },
    acquirer: { tax_number: '12345678903', name: 'Incassi "Uno"; S.p.A.' },
  })
  await bench.office.post('/v1/payment-terminals', {
    ...{ ...common, kind: 'virtual', active_from: '2025-03-01', holder: 'franchisor', holder_name: 'Gelati' },
    acquirer: { tax_number: 'RSSMRA80A01H501U', name: '=Pagamenti' },
  })
  await bench.agent.administration.confirmTask(`pos-link-${made['id']}-${serial}-20260615`)
  const file = join(bench.config.state, 'links.csv')
  expect(await bench.agent.administration.exportTo('pos_links', RANGE, file)).toMatchObject({ file, lines: 3 })
  const place = 'Via Garibaldi 12;10122;Torino'
  const acquirer = '12345678903;"Incassi ""Uno""; S.p.A."'
  expect(readFileSync(file, 'utf8')).toBe(
    [
      'matricola;tipo;tid;acquirer_cf;acquirer_nome;indirizzo;cap;comune;evento;data;dal;al;stato',
      `${serial};virtuale;;RSSMRA80A01H501U;'=Pagamenti;${place};collegamento;2025-03-01;2026-03-05;2026-04-20;aperto`,
      `${serial};fisico;50123456;${acquirer};${place};collegamento;2026-06-15;2026-08-06;2026-08-31;confermato`,
      `${serial};fisico;50123456;${acquirer};${place};scollegamento;2026-12-01;2027-02-06;2027-02-26;aperto`,
      '',
    ].join('\n'),
  )
})
