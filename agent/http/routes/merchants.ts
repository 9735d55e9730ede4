import { createMerchant, updateMerchant } from '../../contract/merchant.ts'
import { pageQuery } from '../../contract/page.ts'
import type { Application } from '../../till/application.ts'
import { change, create, readList, readOne } from '../handler.ts'

export function merchantHandlers({ merchants }: Application) {
  return {
    merchantsCreate: create(createMerchant, merchants.create),
    merchantsList: readList(pageQuery, merchants.list),
    merchantsGet: readOne(merchants.get),
    merchantsUpdate: change(updateMerchant, merchants.update),
  }
}
