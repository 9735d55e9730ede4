import type { Answer, DemoShop } from '../../laws/demo-shift.ts'
import { at, mustBe } from '../../laws/demo-shift.ts'
import type { Pos } from './pos.ts'

export type Shop = { merchant: Answer; register: Answer; registerKey: string }

/** Makes merchant, location and a fiscalized register, as a back office does it once. Throws DemoError. */
export async function openShop(office: Pos, shop: DemoShop, timezone: string): Promise<Shop> {
  const merchant = await office.post('/v1/merchants', shop.merchant)
  const location = await office.post('/v1/locations', { ...shop.location, timezone })
  const created = await office.post('/v1/registers', { location_id: at(location, 'id'), name: shop.register })
  const register = await office.post(`/v1/registers/${at(created, 'id')}/fiscalize`, shop.fiscalization)
  mustBe('fiscalization_status', at(register, 'fiscalization_status'), 'fiscalized')
  return { merchant, register, registerKey: at(register, 'register_api_key') }
}
