/** Protections taken away by triggers of the database, for controls and for tests that are about another one. */

import type { StoreEngine } from '../engine.ts'
import type { House } from '../house.ts'

type Loosening = Readonly<Record<StoreEngine, string>>

/** Attempts are counted and forgotten, or the throttle would answer before anything else is looked at. */
const WITHOUT_THROTTLE: Loosening = {
  sqlite: `
    create trigger forgotten after insert on castellan_throttle begin delete from castellan_throttle; end;
    create trigger forgotten_too after update on castellan_throttle begin delete from castellan_throttle; end`,
  postgres: `
    create function forget() returns trigger language plpgsql as
    $$ begin new.failures := 0; new.blocked_until := null; return new; end $$;
    create trigger forgotten before insert or update on castellan_throttle for each row execute function forget()`,
  mariadb: `
    create trigger forgotten before insert on castellan_throttle for each row
    set new.failures = 0, new.blocked_until = null;
    create trigger forgotten_too before update on castellan_throttle for each row
    set new.failures = 0, new.blocked_until = null`,
}

/** Which step of an authenticator was used last is forgotten. */
const WITHOUT_LAST_STEP: Loosening = {
  sqlite: `
    create trigger unused after update of last_step on castellan_credential when new.last_step is not null
    begin update castellan_credential set last_step = null where id = new.id; end`,
  postgres: `
    create function unuse() returns trigger language plpgsql as $$ begin new.last_step := null; return new; end $$;
    create trigger unused before update on castellan_credential for each row execute function unuse()`,
  mariadb:
    'create trigger unused before update on castellan_credential for each row set new.last_step = null',
}

/** That keys were changed is written down nowhere: no process hears of what another one does. */
const WITHOUT_WORD_OF_KEYS: Loosening = {
  sqlite: `
    create trigger unsaid after update on castellan_meta when new.name = 'keys'
    begin update castellan_meta set value = '0' where name = 'keys'; end`,
  postgres: `
    create function unsay() returns trigger language plpgsql as
    $$ begin if new.name = 'keys' then new.value := '0'; end if; return new; end $$;
    create trigger unsaid before update on castellan_meta for each row execute function unsay()`,
  mariadb: `
    create trigger unsaid before update on castellan_meta for each row
    set new.value = if(new.name = 'keys', '0', new.value)`,
}

/** A session that is ended stays, whoever ends it; a trigger of MariaDB can't say so. */
const WITHOUT_END = `
  create trigger kept before delete on castellan_session begin select raise(ignore); end`

/** @throws Error on another engine than SQLite. */
export async function withoutEnd(house: House): Promise<void> {
  if (house.engine !== 'sqlite') throw new Error('Only SQLite passes over a deletion.')
  await house.sql(WITHOUT_END)
}

export async function withoutThrottle(house: House): Promise<void> {
  await house.sql(WITHOUT_THROTTLE[house.engine])
}

export async function withoutLastStep(house: House): Promise<void> {
  await house.sql(WITHOUT_LAST_STEP[house.engine])
}

export async function withoutWordOfKeys(house: House): Promise<void> {
  await house.sql(WITHOUT_WORD_OF_KEYS[house.engine])
}
