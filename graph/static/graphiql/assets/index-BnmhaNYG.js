import{r as e}from"./rolldown-runtime-XKyaHtl9.js";import{_r as t,a as n,c as r,d as i,f as a,g as o,gr as s,h as c,hr as l,i as u,n as d,o as f,p,r as m,s as h,t as g}from"./vendor-G_o7z7P1.js";var _=r(),v={examples:`Examples`,signIn:`Sign in`,signOut:`Sign out`,signedInAs:`Signed in as`,email:`E-mail`,password:`Password`,demo:`Demo logins`,or:`or with your own account`,why:`The page keeps the token for this tab and renews it. You never paste one.`,busy:`One moment …`,unreachable:`The server does not answer.`,running:`Live`,events:e=>e===1?`1 event`:`${e} events`,waiting:`waiting for events`,overview:`Overview`},ee={examples:`Beispiele`,signIn:`Anmelden`,signOut:`Abmelden`,signedInAs:`Angemeldet als`,email:`E-Mail-Adresse`,password:`Passwort`,demo:`Demo-Zugänge`,or:`oder mit eigenem Konto`,why:`Die Seite behält das Token für diesen Tab und erneuert es. Einfügen muss es niemand.`,busy:`Einen Moment …`,unreachable:`Der Server antwortet nicht.`,running:`Live`,events:e=>e===1?`1 Ereignis`:`${e} Ereignisse`,waiting:`wartet auf Ereignisse`,overview:`Übersicht`},y=navigator.language.toLowerCase().startsWith(`de`),b=y?ee:v,x=`# Runs until you stop it. Change a property in
# another window and watch. The last cursor given
# as "after" brings exactly what was missed.
subscription PropertyChanged(
  $ids: [ID!]
  $after: String
) {
  propertyChanged(ids: $ids, after: $after) {
    cursor
    kind
    at
    id
    changedFields
    actor {
      id
      name
    }
    property {
      id
      title
      status
      price {
        amount
        currency
      }
      version
    }
  }
}
`,S=`# Everything that is wrong with the input comes
# back at once in userErrors.
mutation PropertyCreate(
  $input: PropertyCreateInput!
) {
  propertyCreate(input: $input) {
    property {
      id
      externalNumber
      title
      status
      price {
        amount
        currency
      }
      version
    }
    userErrors {
      code
      message
      field
    }
  }
}
`,C=`# One property with what hangs on it.
query PropertyDetail($id: ID!) {
  property(id: $id) {
    id
    externalNumber
    title
    description
    status
    type
    marketingType
    price {
      amount
      currency
    }
    pricePerSqm {
      amount
      currency
    }
    livingArea
    rooms
    yearBuilt
    address {
      street
      houseNumber
      postalCode
      city
    }
    features {
      balcony
      garden
      elevator
      heatingType
    }
    contactPersons {
      id
      name
      email
      phone
    }
    notes(first: 5) {
      totalCount
      nodes {
        id
        body
        pinned
        createdAt
        author {
          id
          name
        }
      }
    }
    version
    updatedAt
  }
}
`,te=`# One page of the property list. The next one:
# give pageInfo.endCursor as "after".
query PropertyList(
  $filter: PropertyFilter
  $first: Int
  $after: String
) {
  properties(
    filter: $filter
    first: $first
    after: $after
    orderBy: [{ field: PRICE, direction: DESC }]
  ) {
    totalCount
    pageInfo {
      hasNextPage
      endCursor
    }
    nodes {
      id
      externalNumber
      title
      status
      type
      price {
        amount
        currency
      }
      livingArea
      rooms
      address {
        postalCode
        city
      }
    }
  }
}
`,w=`# Writes a note. "PropertyChanged", running in
# another window, hears of it.
mutation PropertyNoteAdd(
  $propertyId: ID!
  $input: NoteInput!
) {
  propertyNoteAdd(propertyId: $propertyId, input: $input) {
    note {
      id
      body
      pinned
      createdAt
      author {
        id
        name
      }
    }
    userErrors {
      code
      message
      field
    }
  }
}
`,T=`# Who am I, and what may I do?
query Viewer {
  viewer {
    user {
      id
      name
      email
      role
    }
    tenant {
      id
      name
    }
    permissions
  }
}
`,E=(e,t)=>y?t:e,D=[{name:`Viewer`,kind:`query`,title:E(`Who am I?`,`Wer bin ich?`),query:T},{name:`PropertyList`,kind:`query`,title:E(`Property list, filtered`,`Objektliste mit Filter`),query:te,variables:{filter:{status:{in:[`AVAILABLE`,`RESERVED`]},livingArea:{gte:`60`}},first:10}},{name:`PropertyDetail`,kind:`query`,title:E(`Property with notes`,`Objekt mit Notizen`),query:C,variables:{},needsProperty:`id`},{name:`PropertyCreate`,kind:`mutation`,title:E(`Create a property`,`Objekt anlegen`),query:S,variables:{input:{title:`Altbauwohnung mit Balkon`,type:`APARTMENT`,marketingType:`BUY`,price:{amount:`465000.00`,currency:`EUR`},livingArea:`82.00`,rooms:`3`,address:{street:`Schönhauser Allee`,houseNumber:`44`,postalCode:`10435`,city:`Berlin`}}}},{name:`PropertyNoteAdd`,kind:`mutation`,title:E(`Add a note`,`Notiz hinzufügen`),query:w,variables:{input:{body:`Besichtigung am Samstag um 11 Uhr.`}},needsProperty:`propertyId`},{name:`PropertyChanged`,kind:`subscription`,title:E(`Watch changes live`,`Änderungen live verfolgen`),query:x,variables:{}}],O=e=>e?JSON.stringify(e,null,2):``;function ne(e,t,n){let r=g({url:e.replace(/^http/,`ws`),connectionParams:async()=>{let e=await t.token();return e?{authorization:`Bearer ${e}`}:{}},retryWait:e=>new Promise(t=>setTimeout(t,e===0?0:1e3*2**e)),on:{message:e=>{e.type===`next`&&n()}}}),i=t.get()?.accessToken;return t.subscribe(()=>{let e=t.get()?.accessToken;e!==i&&r.terminate(),i=e}),c({url:e,fetch:t.fetch,wsClient:r,enableIncrementalDelivery:!1})}var k=e(s(),1),A=t(),j=[{role:`Admin`,email:`admin@acme-realestate.com`,password:`Admin123!`},{role:`Manager`,email:`manager@acme-realestate.com`,password:`Manager123!`},{role:`Agent`,email:`mike@acme-realestate.com`,password:`Agent123!`}];function M({session:e,events:t,demo:n}){let r=(0,k.useSyncExternalStore)(e.subscribe,e.get);return(0,A.jsxs)(`header`,{className:`bar`,children:[(0,A.jsxs)(`a`,{className:`brand`,href:`./`,title:b.overview,children:[(0,A.jsx)(N,{}),(0,A.jsxs)(`span`,{children:[`ImmoNow `,(0,A.jsx)(`b`,{children:`GraphQL`})]})]}),(0,A.jsx)(F,{session:e}),(0,A.jsx)(L,{events:t}),(0,A.jsx)(`div`,{className:`space`}),r?(0,A.jsx)(R,{session:e,current:r}):(0,A.jsx)(B,{session:e,demo:n})]})}function N(){return(0,A.jsxs)(`svg`,{viewBox:`0 0 32 32`,"aria-hidden":`true`,children:[(0,A.jsx)(`path`,{className:`roof`,d:`M4 15.5 16 5l12 10.5`}),(0,A.jsx)(`path`,{className:`wall`,d:`M8 14v12h16V14`}),(0,A.jsx)(`circle`,{cx:`16`,cy:`19`,r:`2.6`})]})}function P({label:e,className:t,open:n,setOpen:r,children:i}){let a=(0,k.useRef)(null);return(0,k.useEffect)(()=>{if(!n)return;let e=e=>a.current?.contains(e.target)||r(!1),t=e=>e.key===`Escape`&&r(!1);return document.addEventListener(`pointerdown`,e),document.addEventListener(`keydown`,t),()=>{document.removeEventListener(`pointerdown`,e),document.removeEventListener(`keydown`,t)}},[n,r]),(0,A.jsxs)(`div`,{className:`menu ${t}`,ref:a,children:[(0,A.jsx)(`button`,{type:`button`,className:`opener`,"aria-expanded":n,onClick:()=>r(!n),children:e}),n&&(0,A.jsx)(`div`,{className:`panel`,children:i})]})}function F({session:e}){let[t,n]=(0,k.useState)(!1),{addTab:r,changeTab:i,stop:s,setOperationFacts:c}=p(),{tabs:u,queryEditor:d,variableEditor:f}=a(o(`tabs`,`queryEditor`,`variableEditor`));async function m(t){n(!1);let a=u.findIndex(e=>e.query===t.query),o=t.variables;t.needsProperty&&(o={[t.needsProperty]:await I(e),...o}),s(),a>=0?i(a):d.getValue().trim()&&r(),d.setValue(t.query),f.setValue(O(o));let p=l(t.query);c({documentAST:p,operations:p.definitions,operationName:t.name})}return(0,A.jsx)(P,{label:b.examples,className:`examples`,open:t,setOpen:n,children:D.map(e=>(0,A.jsxs)(`button`,{type:`button`,className:`example`,onClick:()=>m(e),children:[(0,A.jsx)(`span`,{children:e.title}),(0,A.jsx)(`small`,{className:e.kind,children:e.kind})]},e.name))})}async function I(e){try{return(await(await e.fetch(``,{body:JSON.stringify({query:`query SomeProperty {
  properties(first: 1) {
    nodes {
      id
    }
  }
}
`})})).json()).data?.properties?.nodes?.[0]?.id??``}catch{return``}}function L({events:e}){let t=a(e=>e.subscription),n=a(e=>e.documentAST)?.definitions.some(e=>e.operation===`subscription`),[r,i]=(0,k.useState)(0),o=(0,k.useSyncExternalStore)(t=>(e.listeners.add(t),()=>e.listeners.delete(t)),()=>e.count);if((0,k.useEffect)(()=>i(e.count),[t,e]),!t||!n)return null;let s=Math.max(o-r,0);return(0,A.jsxs)(`p`,{className:`running`,role:`status`,children:[(0,A.jsx)(`i`,{"aria-hidden":`true`}),b.running,` · `,s?b.events(s):b.waiting]})}function R({session:e,current:t}){let[n,r]=(0,k.useState)(!1),{introspect:i}=p(),o=a(e=>e.schema),s=a(e=>e.isIntrospecting);return(0,k.useEffect)(()=>{!o&&!s&&i()},[t.user.email]),(0,A.jsxs)(P,{label:(0,A.jsxs)(A.Fragment,{children:[(0,A.jsx)(`span`,{className:`avatar`,children:z(t.user.name)}),(0,A.jsx)(`span`,{className:`who`,children:t.user.name})]}),className:`account`,open:n,setOpen:r,children:[(0,A.jsx)(`p`,{className:`quiet`,children:b.signedInAs}),(0,A.jsxs)(`p`,{children:[(0,A.jsx)(`b`,{children:t.user.name}),(0,A.jsx)(`br`,{}),t.user.email]}),(0,A.jsxs)(`p`,{className:`quiet`,children:[t.tenant?.name,` · `,t.user.role]}),(0,A.jsx)(`button`,{type:`button`,className:`main`,onClick:()=>e.signOut(),children:b.signOut})]})}var z=e=>e.split(/\s+/).map(e=>e[0]).slice(0,2).join(``).toUpperCase();function B({session:e,demo:t}){let[n,r]=(0,k.useState)(!0),[i,a]=(0,k.useState)(!1),[o,s]=(0,k.useState)(null);async function c(t,n){a(!0),s(null);try{await e.signIn(t,n)}catch(e){s(e.message),a(!1)}}function l(e){e.preventDefault();let t=new FormData(e.currentTarget);c(t.get(`email`),t.get(`password`))}return(0,A.jsxs)(P,{label:b.signIn,className:`sign-in`,open:n,setOpen:r,children:[t&&(0,A.jsxs)(A.Fragment,{children:[(0,A.jsx)(`p`,{className:`quiet`,children:b.demo}),(0,A.jsx)(`div`,{className:`demo`,children:j.map(e=>(0,A.jsx)(`button`,{type:`button`,disabled:i,title:e.email,onClick:()=>c(e.email,e.password),children:e.role},e.role))}),(0,A.jsx)(`p`,{className:`quiet or`,children:b.or})]}),(0,A.jsxs)(`form`,{onSubmit:l,children:[(0,A.jsxs)(`label`,{children:[b.email,(0,A.jsx)(`input`,{name:`email`,type:`email`,autoComplete:`username`,required:!0})]}),(0,A.jsxs)(`label`,{children:[b.password,(0,A.jsx)(`input`,{name:`password`,type:`password`,autoComplete:`current-password`,required:!0})]}),o&&(0,A.jsx)(`p`,{className:`problem`,role:`alert`,children:o}),(0,A.jsx)(`button`,{type:`submit`,className:`main`,disabled:i,children:i?b.busy:b.signIn})]}),(0,A.jsx)(`p`,{className:`quiet`,children:b.why})]})}var V=`mutation Renew($refreshToken: String!) {
  authRefresh(refreshToken: $refreshToken) {
    accessToken
    refreshToken
    expiresIn
    userErrors {
      code
      message
    }
  }
}
`,H=`mutation SignIn($email: EmailAddress!, $password: String!) {
  authLogin(email: $email, password: $password) {
    accessToken
    refreshToken
    expiresIn
    user {
      name
      email
      role
    }
    tenant {
      name
    }
    userErrors {
      code
      message
    }
  }
}
`,U=`mutation SignOut {
  authLogout {
    ok
    userErrors {
      code
      message
    }
  }
}
`,W=`immonow.session`,G=6e4,K=new Set([`UNAUTHENTICATED`,`TOKEN_EXPIRED`,`INVALID_TOKEN`]),q=class extends Error{constructor(e,t){super(e),this.code=t}};function J(e){let t=a(),n=null,r=0,i=new Set;function a(){try{return JSON.parse(sessionStorage.getItem(W))}catch{return null}}function o(e){t=e,e?sessionStorage.setItem(W,JSON.stringify(e)):sessionStorage.removeItem(W),s();for(let e of i)e()}function s(){clearTimeout(r),t&&(r=setTimeout(()=>f(),Math.max(t.renewAt-Date.now(),0)))}function c({accessToken:e,refreshToken:t,expiresIn:n}){let r=n*1e3;return{accessToken:e,refreshToken:t,renewAt:Date.now()+Math.max(r-G,r/2)}}function l(n,r={}){let i=new Headers({"content-type":`application/json`,accept:`application/graphql-response+json, application/json;q=0.9`,...r.headers});return t&&!i.has(`authorization`)&&!i.has(`x-api-key`)&&i.set(`authorization`,`Bearer ${t.accessToken}`),fetch(e,{method:`POST`,body:n,headers:i,signal:r.signal,credentials:`omit`})}async function u(t,n){let r;try{r=await(await fetch(e,{method:`POST`,headers:{"content-type":`application/json`,accept:`application/json`},body:JSON.stringify({query:t,variables:n}),credentials:`omit`})).json()}catch{throw new q(b.unreachable,`UNREACHABLE`)}let i=r.data&&Object.values(r.data)[0],a=r.errors?.[0]??i?.userErrors?.[0];if(a)throw new q(a.message,a.code??a.extensions?.code);return i}async function d(e,t){let n=await u(H,{email:e,password:t});o({...c(n),user:n.user,tenant:n.tenant})}function f(){if(!t)return Promise.resolve(!1);let e=t;return n??=u(V,{refreshToken:e.refreshToken}).then(n=>(t===e&&o({...e,...c(n)}),!0)).catch(n=>(n.code===`UNREACHABLE`||n.code===`RATE_LIMIT_EXCEEDED`?(clearTimeout(r),r=setTimeout(()=>f(),5e3)):t===e&&o(null),!1)).finally(()=>n=null),n}async function p(){let e=l(JSON.stringify({query:U})).catch(()=>{});o(null),await e}async function m(e,n){let r=t,i=await l(n.body,n);return!r||!(await i.clone().json().catch(()=>null))?.errors?.some(e=>K.has(e.extensions?.code))?i:await f()?l(n.body,n):i}async function h(){return t&&t.renewAt<=Date.now()&&await f(),t?.accessToken??null}return s(),{signIn:d,signOut:p,token:h,renew:f,fetch:m,get:()=>t,subscribe:e=>(i.add(e),()=>i.delete(e))}}var Y=location.origin+location.pathname,X=document.querySelector(`meta[name="immonow-demo"]`)?.content===`true`,Z=J(Y),Q={count:0,listeners:new Set,add(){this.count+=1;for(let e of this.listeners)e()}},re=ne(Y,Z,()=>Q.add()),$=[`PropertyList`,`Viewer`,`PropertyChanged`].map(e=>D.find(t=>t.name===e));(0,_.createRoot)(document.getElementById(`page`)).render((0,A.jsx)(i,{fetcher:re,plugins:[f,u],referencePlugin:f,initialVariables:localStorage.getItem(`graphiql:tabState`)?void 0:O($[0].variables),defaultTabs:$.map(({query:e,variables:t})=>({query:e,variables:O(t)})),inputValueDeprecation:!0,schemaDescription:!0,children:(0,A.jsx)(n,{children:(0,A.jsxs)(h,{children:[(0,A.jsx)(M,{session:Z,events:Q,demo:X}),(0,A.jsx)(`main`,{className:`explorer`,children:(0,A.jsx)(m,{defaultEditorToolsVisibility:`variables`,children:(0,A.jsx)(d.Logo,{children:(0,A.jsx)(`span`,{})})})})]})})}));