// What is tried out on this page is sent with the visitor's session, which needs a CSRF token.
const element = document.getElementById("documentation");

function addToken(request) {
  request.headers["X-CSRFToken"] = element.dataset.csrfToken;
  return request;
}

SwaggerUIBundle({
  url: element.dataset.url,
  domNode: element,
  requestInterceptor: addToken,
});
