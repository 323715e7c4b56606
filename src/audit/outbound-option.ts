/** The option `allowedNetworks`: which addresses that are not public a request may lead to. */

import ipaddr from 'ipaddr.js'
import { z } from 'zod'

export const NETWORKS_SCHEMA: z.ZodType<readonly string[]> = z.array(
  z.string().refine((text) => ipaddr.isValidCIDR(text) || ipaddr.isValid(text)),
)
