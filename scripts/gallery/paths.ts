/** What the gallery has to show. */

export const GALLERY_PATHS: readonly string[] = [
  '/',
  '/list',
  '/record',
  '/edit',
  '/audit',
  '/parts',
  '/confirm',
  '/blocked',
  '/step-up',
  '/profile',
  '/refused',
  '/failed',
  '/empty',
  '/sign-in',
  '/sign-in-refused',
  '/second-factor',
  '/enrol',
  '/recovery-codes',
  '/set-up',
]
