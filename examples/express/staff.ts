/** Who works at the library. Its own pages and the admin ask the same question here. */

import { eq } from 'drizzle-orm'
import { db } from './database.ts'
import { hashPassword, isPassword } from './password.ts'
import { staff } from './schema.ts'

export interface Member {
  readonly id: number
  readonly name: string
}

export async function authenticate(email: string, password: string): Promise<Member | null> {
  const [member] = await db.select().from(staff).where(eq(staff.email, email.trim().toLowerCase()))
  return (await isPassword(password, member?.passwordHash)) && member ? member : null
}

export async function changePassword(id: number, password: string): Promise<void> {
  await db
    .update(staff)
    .set({ passwordHash: await hashPassword(password) })
    .where(eq(staff.id, id))
}

export async function memberOf(id: number): Promise<Member | null> {
  const [member] = await db.select().from(staff).where(eq(staff.id, id))
  return member ?? null
}
