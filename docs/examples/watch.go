// Prints each new version of your organization's settings, with Go alone.
//
//	FLASHBACK_BASE_URL=http://127.0.0.1:3000 FLASHBACK_ACCESS_TOKEN=eyJ… go run watch.go
package main

import (
	"bufio"
	"fmt"
	"log"
	"math/rand"
	"net/http"
	"os"
	"strings"
	"time"
)

func main() {
	for lastID := ""; ; time.Sleep(time.Duration(1000+rand.Intn(2000)) * time.Millisecond) {
		request, _ := http.NewRequest("GET", os.Getenv("FLASHBACK_BASE_URL")+"/settings/stream", nil)
		request.Header.Set("Authorization", "Bearer "+os.Getenv("FLASHBACK_ACCESS_TOKEN"))
		request.Header.Set("Accept", "text/event-stream")
		if lastID != "" {
			request.Header.Set("Last-Event-ID", lastID)
		}
		response, err := http.DefaultClient.Do(request)
		if err != nil || response.StatusCode == 429 || response.StatusCode >= 500 {
			continue
		}
		if response.StatusCode != 200 {
			log.Fatal(response.Status)
		}
		// The service sends a comment every 15 s.
		silence := time.AfterFunc(35*time.Second, func() { response.Body.Close() })
		event := ""
		for lines := bufio.NewScanner(response.Body); lines.Scan(); silence.Reset(35 * time.Second) {
			name, value, _ := strings.Cut(lines.Text(), ":")
			switch value = strings.TrimPrefix(value, " "); name {
			case "id":
				lastID = value
			case "event":
				event = value
			case "data":
				fmt.Println(event, value)
				if event == "end" {
					os.Exit(1)
				}
			}
		}
		response.Body.Close()
	}
}
