/**
 * Names of people and places from several parts of the world, in their own
 * spelling; `=` gives the Latin letters for an e-mail address where they differ
 * by more than accents.
 */

export interface Culture {
  readonly country: string
  readonly region: 'emea' | 'amer' | 'apac'
  readonly currency: string
  readonly dialling: string
  readonly given: readonly string[]
  readonly family: readonly string[]
  readonly cities: readonly (readonly [name: string, postalCode: string])[]
  /** `#` is the house number. */
  readonly streets: readonly string[]
  readonly weight: number
}

function words(text: string): readonly string[] {
  return text.split(', ')
}

export const CULTURES: readonly Culture[] = [
  {
    country: 'NG',
    region: 'emea',
    currency: 'EUR',
    dialling: '+234 80',
    weight: 6,
    given: words(
      'Amara, Chinedu, Ngozi, Emeka, Adaeze, Tunde, Folake, Ifeoma, Obinna, Yetunde, Kelechi, Zainab',
    ),
    family: words('Okafor, Adeyemi, Nwosu, Balogun, Eze, Okonkwo, Abiola, Danjuma, Obi, Ogunleye'),
    cities: [
      ['Lagos', '101241'],
      ['Abuja', '900211'],
      ['Enugu', '400001'],
    ],
    streets: words('# Adeola Odeku Street, # Awolowo Road, # Aminu Kano Crescent, # Ogui Road'),
  },
  {
    country: 'GB',
    region: 'emea',
    currency: 'GBP',
    dialling: '+44 7700',
    weight: 14,
    given: words(
      'Oliver, Amelia, Harry, Isla, George, Freya, Rhys, Niamh, Callum, Priya, Alfie, Maisie, Grace, Imran',
    ),
    family: words(
      "Smith, Jones, Williams, Taylor, Evans, Patel, O'Connor, Hughes, Campbell, Walker, Whitfield, Begum",
    ),
    cities: [
      ['Leeds', 'LS1 4AP'],
      ['York', 'YO1 7HH'],
      ['Bristol', 'BS1 5TR'],
      ['Glasgow', 'G1 3SL'],
      ['Cardiff', 'CF10 1EP'],
    ],
    streets: words(
      '# Elm Street, # Oak Road, # Station Approach, # Church Lane, # Victoria Terrace, Flat 2, # Mill Hill',
    ),
  },
  {
    country: 'DE',
    region: 'emea',
    currency: 'EUR',
    dialling: '+49 151',
    weight: 12,
    given: words(
      'Lena, Jonas, Mia, Finn, Jürgen, Käthe, Emre, Sofie, Lukas, Anneliese, Björn, Ayşe, Matthias, Ursula',
    ),
    family: words(
      'Fischer, Müller, Weiß, Schäfer, Yılmaz, Krüger, Hoffmann, Vogel, Jäger, Lindner, von Bülow, Groß',
    ),
    cities: [
      ['Berlin', '10115'],
      ['München', '80331'],
      ['Köln', '50667'],
      ['Leipzig', '04109'],
    ],
    streets: words('Lindenstraße #, Am Marktplatz #, Goethestraße #, Schönhauser Allee #, Bergweg #'),
  },
  {
    country: 'FR',
    region: 'emea',
    currency: 'EUR',
    dialling: '+33 6',
    weight: 9,
    given: words('Chloé, Hugo, Zoé, Théo, Inès, Loïc, Amélie, François, Maëlle, Karim, Léa, Benoît'),
    family: words(
      "Dubois, Lefèvre, Moreau, D'Angelo, Benali, Garnier, Lemaître, Chevalier, Fournier, Besson",
    ),
    cities: [
      ['Lyon', '69002'],
      ['Nantes', '44000'],
      ['Strasbourg', '67000'],
    ],
    streets: words(
      '# rue de la République, # quai Saint-Vincent, # boulevard Victor-Hugo, # impasse des Lilas',
    ),
  },
  {
    country: 'PL',
    region: 'emea',
    currency: 'EUR',
    dialling: '+48 60',
    weight: 6,
    given: words('Tomasz, Zofia, Łukasz, Agnieszka, Paweł, Małgorzata, Jakub, Żaneta'),
    family: words('Nowak, Wiśniewski, Wójcik, Kamińska, Zieliński, Dąbrowska, Szczepański'),
    cities: [
      ['Kraków', '31-001'],
      ['Wrocław', '50-101'],
      ['Łódź', '90-001'],
    ],
    streets: words('ul. Długa #, ul. Świdnicka #, al. Piłsudskiego #, ul. Kwiatowa #/4'),
  },
  {
    country: 'GR',
    region: 'emea',
    currency: 'EUR',
    dialling: '+30 69',
    weight: 3,
    given: words('Ελένη=Eleni, Γιώργος=Giorgos, Μαρία=Maria, Νίκος=Nikos, Δήμητρα=Dimitra'),
    family: words('Παπαδοπούλου=Papadopoulou, Νικολάου=Nikolaou, Ιωάννου=Ioannou, Γεωργίου=Georgiou'),
    cities: [
      ['Αθήνα', '105 57'],
      ['Θεσσαλονίκη', '546 24'],
    ],
    streets: words('Ερμού #, Σταδίου #, Τσιμισκή #'),
  },
  {
    country: 'AE',
    region: 'emea',
    currency: 'EUR',
    dialling: '+971 50',
    weight: 3,
    given: words('ليلى=Layla, عمر=Omar, فاطمة=Fatima, يوسف=Yousef, نور=Noor'),
    family: words('الخطيب=Alkhatib, حداد=Haddad, النجار=Alnajjar, منصور=Mansour'),
    cities: [
      ['دبي', '00000'],
      ['الشارقة', '00000'],
    ],
    streets: words('شارع الوصل #, شارع الملك فيصل #'),
  },
  {
    country: 'US',
    region: 'amer',
    currency: 'USD',
    dialling: '+1 555',
    weight: 16,
    given: words(
      'Dana, Grace, Marcus, Aaliyah, Ethan, Sofia, DeShawn, Hannah, Liam, Mei, Jordan, Noah, Ruth, Caleb',
    ),
    family: words(
      'Ruiz, Kim, Johnson, Washington, Miller, Nguyen, Garcia, Cohen, McAllister, Begay, Thompson, Hall',
    ),
    cities: [
      ['Portland', '97205'],
      ['Austin', '78701'],
      ['Chicago', '60611'],
      ['Brooklyn', '11201'],
    ],
    streets: words('# Maple Avenue, # 5th Street, # Lakeshore Drive, # Juniper Court, # Broadway, Apt 3B'),
  },
  {
    country: 'BR',
    region: 'amer',
    currency: 'USD',
    dialling: '+55 11 9',
    weight: 7,
    given: words('João, Larissa, Thiago, Conceição, Rafael, Júlia, André, Beatriz'),
    family: words('Silva, Gonçalves, Araújo, dos Santos, Oliveira, Magalhães, Ribeiro'),
    cities: [
      ['São Paulo', '01310-100'],
      ['Belém', '66010-000'],
      ['Curitiba', '80010-000'],
    ],
    streets: words('Rua das Flores #, Avenida Paulista #, Travessa São João #'),
  },
  {
    country: 'MX',
    region: 'amer',
    currency: 'USD',
    dialling: '+52 55',
    weight: 5,
    given: words('Ximena, José Luis, Guadalupe, Íñigo, Itzel, Ángel, Renata, Nayeli'),
    family: words('Hernández, Núñez, Ramírez Ortiz, Peña, Xochitl, Morales, Zúñiga'),
    cities: [
      ['Oaxaca', '68000'],
      ['Mérida', '97000'],
    ],
    streets: words('Calle 60 #, Avenida Benito Juárez #, Callejón del Beso #'),
  },
  {
    country: 'JP',
    region: 'apac',
    currency: 'USD',
    dialling: '+81 90',
    weight: 7,
    given: words('陽菜=Hina, 蓮=Ren, 結衣=Yui, 大翔=Hiroto, さくら=Sakura, 健太=Kenta, 美咲=Misaki'),
    family: words('佐藤=Sato, 鈴木=Suzuki, 高橋=Takahashi, 田中=Tanaka, 渡辺=Watanabe, 小林=Kobayashi'),
    cities: [
      ['東京', '150-0002'],
      ['京都', '604-8005'],
      ['札幌', '060-0042'],
    ],
    streets: words('渋谷2丁目#番, 三条通#, 大通西#丁目'),
  },
  {
    country: 'IN',
    region: 'apac',
    currency: 'USD',
    dialling: '+91 98',
    weight: 9,
    given: words('Aarav, Ananya, Vikram, Lakshmi, Rohan, Meera, Arjun, Kavya, Siddharth, Fatima'),
    family: words('Sharma, Iyer, Reddy, Chatterjee, Khan, Nair, Deshpande, Singh, Banerjee'),
    cities: [
      ['Bengaluru', '560001'],
      ['Mumbai', '400001'],
      ['Kolkata', '700016'],
    ],
    streets: words('# MG Road, # Park Street, # Linking Road, # Jayanagar 4th Block'),
  },
  {
    country: 'VN',
    region: 'apac',
    currency: 'USD',
    dialling: '+84 90',
    weight: 4,
    given: words('Linh, Minh Anh, Đức, Thảo, Quân, Hương'),
    family: words('Nguyễn, Trần, Lê, Phạm, Hoàng, Đặng'),
    cities: [
      ['Hà Nội', '100000'],
      ['Đà Nẵng', '550000'],
    ],
    streets: words('# Phố Hàng Bông, # Đường Trần Phú, # Đường Lê Lợi'),
  },
  {
    country: 'AU',
    region: 'apac',
    currency: 'USD',
    dialling: '+61 4',
    weight: 5,
    given: words('Charlotte, Jack, Matilda, Banjo, Kirra, Angus, Zara'),
    family: words('Wilson, Nguyen, Papadakis, Murray, Kelly, Brown-Lee'),
    cities: [
      ['Melbourne', '3000'],
      ['Hobart', '7000'],
    ],
    streets: words('# Collins Street, # Salamanca Place, Unit 5/# Sydney Road'),
  },
]
