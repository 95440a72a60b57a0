const element = document.getElementById("documentation");
SwaggerUIBundle({ url: element.dataset.url, domNode: element });
